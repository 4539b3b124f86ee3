import fc from 'fast-check'
import type { Copy, TargetCopy } from '../../../lib/core/copy.js'
import type { Json, JsonObject } from '../../../lib/core/json.js'

/** Small values over few names, so that two of them are often nearly equal. */
export function jsonTree(): fc.Arbitrary<Json> {
  const name = fc.constantFrom('a', 'b', 'odd name', 'toString')
  const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<Json>(null, true, 0, 1, 'x', ''),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(name, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  return tree
}

const value = fc.constantFrom<JsonObject | null>(null, { a: 1 }, { a: 2 })

export const copy: fc.Arbitrary<Copy | null> = fc.option(
  fc.record({ version: fc.integer({ min: 1, max: 3 }), op: fc.constantFrom('', 'p', 'q'), value }),
)

export const targetCopy: fc.Arbitrary<TargetCopy | null> = fc
  .tuple(copy, fc.boolean())
  .map(([held, open]) => (held === null ? null : { ...held, open }))
