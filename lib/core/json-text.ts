import { CutoverError } from './error.js'
import type { Json } from './json.js'
import { faultIn, faultOfName, HALF_PAIR, JSON_DEPTH_MAX, step, TOO_DEEP } from './json-value.js'

/**
 * The one way in for JSON text. What it accepts comes out of every store as it went in; what would come out different
 * is refused here, with its place, and not discovered later by a comparison of the two stores.
 *
 * Refused as `invalid-input`: malformed text; numbers that a double does not hold as written (2^53 + 1, 1e400,
 * 0.1000000000000000055) and -0; halves of surrogate pairs; members named `__proto__`; more than `JSON_DEPTH_MAX`
 * levels; with `duplicates`, a member that occurs twice in one object. Messages name places, never values.
 *
 * Ordinary text costs one `JSON.parse`. The slow scan runs only where a cheap test says that there may be something,
 * or where `duplicates` asks for it (nothing else can see them).
 */
export function parseJsonText(text: string, what: string, options: { duplicates?: boolean } = {}): Json {
  const parsed = parseOrUndefined(text)
  if (parsed === undefined || options.duplicates === true || isSuspect(text)) new Scan(text, what).run()
  if (parsed === undefined) throw new CutoverError('invalid-input', `${what} is not JSON.`)
  if (isDeeper(parsed, JSON_DEPTH_MAX)) throw new CutoverError('invalid-input', `${what} ${TOO_DEEP}.`)
  return parsed
}

/** The same promise for a value that is parsed already: arguments of tools and of library callers. */
export function checkSurvives(value: unknown, path = '$'): Json {
  const fault = faultIn(value)
  if (fault !== null) throw unfit(fault.what, path + fault.steps.reverse().join(''), fault.text)
  return value as Json
}

/** A double needs at most 326 characters (5e-324 written out); beyond this a number is refused unread. */
const NUMBER_CHARS_MAX = 400
const PATH_CHARS_MAX = 300

function parseOrUndefined(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined // the scan says where and why
  }
}

/** Numbers of at most 15 digits without exponent survive, and so do strings without escapes of code units. */
function isSuspect(text: string): boolean {
  const oddNumber = /(?:^|[\s:,[])(?:-0|-?[\d.]{16,}|-?\d[\d.]*[eE])/
  return oddNumber.test(text) || text.includes('\\u') || text.includes('__proto__') || !text.isWellFormed()
}

function isDeeper(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  for (const member of Array.isArray(value) ? value : Object.values(value)) {
    if (isDeeper(member, levels - 1)) return true
  }
  return false
}

function unfit(what: string, wholePath: string, fault: string): CutoverError {
  const path = wholePath.slice(0, PATH_CHARS_MAX)
  return new CutoverError('invalid-input', `${what} ${path} ${fault}.`, { details: { path } })
}

/** Does the double print as a number equal to what was written? */
function faultOfNumber(text: string): string | null {
  if (text.length > NUMBER_CHARS_MAX) return `is written with more than ${NUMBER_CHARS_MAX} characters`
  const value = Number(text)
  if (Object.is(value, -0)) return 'is -0 or too small; it would come back as 0'
  if (Number.isFinite(value) && decimal(text) === decimal(String(value))) return null
  return 'is more than a double can hold exactly; send it as a string'
}

/** One spelling per number: significant digits, then the power of ten. */
function decimal(text: string): string {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = (whole + fraction).replace(/^0+/, '')
  const significant = digits.replace(/0+$/, '')
  if (significant === '') return '0'
  return `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`
}

/** Reads the grammar of JSON over the text and throws at the first fault; builds nothing. */
class Scan {
  readonly #text: string
  readonly #what: string
  #at = 0
  readonly #path: string[] = ['$']

  constructor(text: string, what: string) {
    this.#text = text
    this.#what = what
  }

  run(): void {
    this.#value(0)
    if (this.#at < this.#text.length) this.#malformed('the end')
  }

  /** One value and the blanks around it. */
  #value(depth: number): void {
    this.#blanks()
    const first = this.#text[this.#at]
    if (first === '{' || first === '[') {
      if (depth === JSON_DEPTH_MAX) this.#refuse(TOO_DEEP, this.#at)
      this.#at++
      if (first === '{') this.#members(depth + 1)
      else this.#items(depth + 1)
    } else if (first === '"') this.#string()
    else if (first !== undefined && /[-\d]/.test(first)) this.#number()
    else if (!this.#word('true') && !this.#word('false') && !this.#word('null')) this.#malformed('a value')
    this.#blanks()
  }

  #members(depth: number): void {
    const seen = new Set<string>()
    this.#blanks()
    if (this.#word('}')) return
    do {
      this.#blanks()
      const start = this.#at
      if (this.#text[start] !== '"') this.#malformed('a member name in double quotes')
      this.#path.push('[name]') // until the name is known
      const name = this.#string()
      this.#path[this.#path.length - 1] = step(name)
      const fault = seen.has(name) ? 'occurs twice in its object' : faultOfName(name)
      if (fault !== null) this.#refuse(fault, start)
      seen.add(name)
      this.#blanks()
      if (!this.#word(':')) this.#malformed("':'")
      this.#value(depth)
      this.#path.pop()
    } while (this.#word(','))
    if (!this.#word('}')) this.#malformed("',' or '}'")
  }

  #items(depth: number): void {
    this.#blanks()
    if (this.#word(']')) return
    let index = 0
    do {
      this.#path.push(`[${index++}]`)
      this.#value(depth)
      this.#path.pop()
    } while (this.#word(','))
    if (!this.#word(']')) this.#malformed("',' or ']'")
  }

  #string(): string {
    const start = this.#at++
    let escaped = false
    for (;;) {
      const unit = this.#text.charCodeAt(this.#at)
      if (unit === 0x22) break
      // NaN, the code of the end of the text, fails this comparison too.
      if (!(unit >= 0x20)) this.#malformed('the rest of a string')
      if (unit === 0x5c) {
        escaped = true
        this.#at++
        if (!this.#match(/["\\/bfnrt]|u[\da-fA-F]{4}/y)) this.#malformed('an escape sequence')
      } else this.#at++
    }
    const raw = this.#text.slice(start, ++this.#at)
    const value = escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1)
    if (!value.isWellFormed()) this.#refuse(HALF_PAIR, start)
    return value
  }

  #number(): void {
    const start = this.#at
    if (!this.#match(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y)) this.#malformed('a number')
    const fault = faultOfNumber(this.#text.slice(start, this.#at))
    if (fault !== null) this.#refuse(fault, start)
  }

  #blanks(): void {
    this.#match(/[ \t\r\n]*/y)
  }

  #word(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #match(sticky: RegExp): boolean {
    sticky.lastIndex = this.#at
    if (!sticky.test(this.#text)) return false
    this.#at = sticky.lastIndex
    return true
  }

  #malformed(expected: string): never {
    const { where, details } = this.#place(this.#at)
    throw new CutoverError('invalid-input', `${this.#what} is not JSON: expected ${expected} at ${where}.`, { details })
  }

  #refuse(fault: string, at: number): never {
    const { where, details } = this.#place(at)
    const path = this.#path.join('').slice(0, PATH_CHARS_MAX)
    const message = `${this.#what}: what is at ${path} (${where}) ${fault}.`
    throw new CutoverError('invalid-input', message, { details: { path, ...details } })
  }

  /** Lines and columns from 1, offset from 0; columns and offset in UTF-16 units, as editors count. */
  #place(offset: number): { where: string; details: { line: number; column: number; offset: number } } {
    const before = this.#text.slice(0, offset)
    const line = before.split('\n').length
    const column = offset - before.lastIndexOf('\n')
    return { where: `line ${line}, column ${column}`, details: { line, column, offset } }
  }
}
