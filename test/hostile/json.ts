import fc from 'fast-check'
import type { Json } from '../../lib/core/json.js'
import { oddText } from './texts.js'

/** JSON as a text is made of it: members may come twice, and any text may stand for a value. */
type Node =
  | { kind: 'raw'; text: string }
  | { kind: 'array'; items: Node[] }
  | { kind: 'object'; members: { name: string; value: Node }[] }

/** What a value is replaced by: sound JSON of another type, and text that is no JSON or does not survive. */
const REPLACEMENTS = [
  'null',
  'true',
  '0',
  '-1',
  '1.5',
  '""',
  '"x"',
  '[]',
  '{}',
  '[1]',
  '-0',
  '-0.0',
  '1e400',
  '-1e400',
  '1e-400',
  '9007199254740993',
  '0.1000000000000000055',
  '1E+2',
  `1${'0'.repeat(500)}`,
  `0.${'1'.repeat(2_000)}`,
  'NaN',
  'Infinity',
  'undefined',
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  "'x'",
  '"\\ud800"',
  '"\\u0000"',
  '"\ud800"',
  '"\u0000"',
  '"\\x41"',
  '"unended',
  '',
  ',',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"a":1,"a":2}',
  '"\\u005f\\u005fproto__"',
] as const

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'toJSON',
  'then',
  'length',
  '$cutover',
  '',
  'id',
  '\ud800',
  '\u0000',
  '0',
  '-1',
] as const

/** One change: `where` counts the places, `what` chooses among what can be done there, `how` among its forms. */
interface Change {
  where: number
  what: 'drop' | 'duplicate' | 'replace' | 'rename' | 'nest' | 'swap'
  how: number
}

const change: fc.Arbitrary<Change> = fc.record({
  where: fc.nat({ max: 10_000 }),
  what: fc.constantFrom('drop', 'duplicate', 'replace', 'replace', 'replace', 'rename', 'nest', 'swap'),
  how: fc.nat({ max: 10_000 }),
})

/** Changes to the finished text. */
const edit: fc.Arbitrary<(text: string) => string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant((text: string) => text) },
  fc.nat().map((at) => (text: string) => text.slice(0, at % (text.length + 1))),
  fc.tuple(fc.nat(), fc.constantFrom(...'{}[],:"\\0-.eE+ \n\u0000\ufeff')).map(([at, char]) => (text: string) => {
    const cut = at % (text.length + 1)
    return text.slice(0, cut) + char + text.slice(cut)
  }),
  fc.constant((text: string) => `\ufeff${text}`),
  fc.constantFrom('}', ']', ' x', '\u0000', ' {}', ',', '//c', '/**/').map((end) => (text: string) => text + end),
  oddText.map((odd) => () => odd),
)

/** The texts of `base` after up to three structural changes and one to the text: some still sound, most not. */
export function mutatedJson(base: fc.Arbitrary<Json>): fc.Arbitrary<string> {
  return fc
    .tuple(base, fc.array(change, { maxLength: 3 }), edit)
    .map(([value, changes, finish]) => finish(render(changes.reduce(changed, nodeOf(value)))))
}

/** Bytes of a text with sequences that are not UTF-8 put in, or of no text at all. */
export function mutatedBytes(text: fc.Arbitrary<string>): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const bad = fc.constantFrom([0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x80])
  const encoded = text.map((sound) => new TextEncoder().encode(sound))
  return fc.oneof(
    { weight: 4, arbitrary: encoded },
    {
      weight: 1,
      arbitrary: fc.tuple(encoded, fc.nat(), bad).map(([bytes, at, wrong]) => {
        const cut = at % (bytes.length + 1)
        return Uint8Array.from([...bytes.slice(0, cut), ...wrong, ...bytes.slice(cut)])
      }),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }).map((bytes) => Uint8Array.from(bytes)) },
  )
}

/** Any JSON value with hostile names and texts in it; its members are own ones, whatever they are called. */
export const hostileValue: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(
      fc.constantFrom<Json>(null, true, false, 0, 1, -1, 0.1, 5e-324, 1.7976931348623157e308, 2 ** 53),
      oddText,
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.constantFrom(...NAMES), oddText), tie('value')), { maxLength: 4 })
      .map((members): Json => Object.fromEntries(members)),
  ),
})).value

function nodeOf(value: Json): Node {
  if (Array.isArray(value)) return { kind: 'array', items: value.map(nodeOf) }
  if (typeof value !== 'object' || value === null) return { kind: 'raw', text: JSON.stringify(value) }
  const members = Object.entries(value).map(([name, member]) => ({ name, value: nodeOf(member) }))
  return { kind: 'object', members }
}

function render(node: Node): string {
  if (node.kind === 'raw') return node.text
  if (node.kind === 'array') return `[${node.items.map(render).join(',')}]`
  return `{${node.members.map(({ name, value }) => `${JSON.stringify(name)}:${render(value)}`).join(',')}}`
}

/** Every place below the root: how to read it, and how to put something else there. */
interface Place {
  node: Node
  holder: Node
  at: number
}

function placesOf(node: Node): Place[] {
  const inside = node.kind === 'array' ? node.items : node.kind === 'object' ? node.members.map((m) => m.value) : []
  return inside.flatMap((child, at): Place[] => [{ node: child, holder: node, at }, ...placesOf(child)])
}

function changed(root: Node, { where, what, how }: Change): Node {
  const places = placesOf(root)
  const place = places[where % (places.length + 1)]
  const raw: Node = { kind: 'raw', text: REPLACEMENTS[how % REPLACEMENTS.length] ?? '' }
  if (place === undefined) return what === 'nest' ? nested(root, how) : what === 'replace' ? raw : root
  const { holder, at, node } = place
  if (what === 'swap') {
    const other = places[how % places.length]
    if (other !== undefined) put(place, copyOf(other.node))
  } else if (what === 'replace') put(place, raw)
  else if (what === 'nest') put(place, nested(node, how))
  else if (holder.kind === 'array') {
    if (what === 'drop') holder.items.splice(at, 1)
    else holder.items.splice(at, 0, node)
  } else if (holder.kind === 'object') {
    const member = holder.members[at]
    if (what === 'drop') holder.members.splice(at, 1)
    else if (what === 'rename' && member !== undefined) member.name = NAMES[how % NAMES.length] ?? ''
    else holder.members.push({ name: member?.name ?? '', value: raw })
  }
  return root
}

function put({ holder, at }: Place, node: Node): void {
  if (holder.kind === 'array') holder.items[at] = node
  const member = holder.kind === 'object' ? holder.members[at] : undefined
  if (member !== undefined) member.value = node
}

/** A node may be put into itself, so it goes in as the text it is now. */
function copyOf(node: Node): Node {
  return { kind: 'raw', text: render(node) }
}

const LEVELS = [1, 10, 60, 63, 64, 65, 66, 1_000, 20_000]

function nested(node: Node, how: number): Node {
  const levels = LEVELS[how % LEVELS.length] ?? 1
  const [open, close] = how % 2 === 0 ? ['[', ']'] : ['{"n":', '}']
  return { kind: 'raw', text: open.repeat(levels) + render(node) + close.repeat(levels) }
}
