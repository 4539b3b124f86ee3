import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Look,
  type MismatchReason,
  signOf,
  targetCovers,
  unchanged,
  verdictOf,
} from '../../../lib/core/compare/verdict.js'
import type { Copy, TargetCopy } from '../../../lib/core/copy.js'
import type { JsonObject } from '../../../lib/core/json.js'
import { STAGES, type Stage } from '../../../lib/core/stage.js'
import { copy, targetCopy } from './arbitrary.js'

const stage = fc.constantFrom(...STAGES)
const anyLook: fc.Arbitrary<Look> = fc.record({ stage, source: copy, target: targetCopy })

describe('The verdict of one record', () => {
  it('is a match from both sides or from none', () => {
    fc.assert(
      fc.property(anyLook, fc.boolean(), (seen, open) => {
        const swapped: Look = {
          stage: seen.stage,
          source: seen.target,
          target: seen.source === null ? null : { ...seen.source, open },
        }
        expect(signOf(swapped).kind === 'match').toBe(signOf(seen).kind === 'match')
      }),
    )
  })

  it('is a match in every stage when both copies are one, or nobody sees a record on either side', () => {
    fc.assert(
      fc.property(anyLook, fc.boolean(), (seen, open) => {
        const both = seen.source === null ? null : { ...seen.source, open }
        expect(verdictOf({ ...seen, target: both }, null)).toEqual({ kind: 'match' })
        const gone = (held: Copy | null): Copy | null => held && { ...held, value: null }
        const target = seen.target && { ...seen.target, value: null }
        expect(verdictOf({ ...seen, source: gone(seen.source), target }, null)).toEqual({ kind: 'match' })
      }),
    )
  })

  it('is never a mismatch at the first look, after a change, in off, or for what the stage allows', () => {
    fc.assert(
      fc.property(anyLook, fc.option(anyLook), (seen, before) => {
        const verdict = verdictOf(seen, before)
        if (verdict.kind !== 'mismatch') return
        expect(before !== null && unchanged(before, seen)).toBe(true)
        expect(seen.stage).not.toBe('off')
        if (seen.target?.open) expect(['extra-at-target', 'source-behind']).not.toContain(verdict.reason)
      }),
    )
  })

  it('is a mismatch for every standing difference that the stage does not allow', () => {
    fc.assert(
      fc.property(anyLook, (seen) => {
        const sign = signOf(seen)
        expect(verdictOf(seen, seen).kind).toBe(
          sign.kind === 'differs' ? 'mismatch' : sign.kind === 'unsettled' ? 'inconclusive' : sign.kind,
        )
      }),
    )
  })

  it('says that the target is behind or lacks something in every stage from dualwrite on, open or not', () => {
    for (const at of STAGES.slice(1)) {
      for (const open of [true, false]) {
        expect(reasonOf(at, held(2, { a: 1 }), { ...held(1, { a: 1 }), open })).toBe('target-behind')
      }
      expect(reasonOf(at, held(1, { a: 1 }), null)).toBe('missing-at-target')
    }
  })

  const one = held(1, { a: 1 })
  const cases: [string, Copy | null, TargetCopy | null, MismatchReason][] = [
    ['nothing at the target', one, null, 'missing-at-target'],
    ['nothing at the source', null, closed(one), 'extra-at-target'],
    ['other values', one, closed(held(1, { a: 2 })), 'values-differ'],
    ['a tombstone of the same version', one, closed(held(1, null)), 'values-differ'],
    ['an earlier version with the same value', held(2, { a: 1 }), closed(one), 'target-behind'],
    ['an earlier tombstone', held(2, { a: 1 }), closed(held(1, null)), 'target-behind'],
    ['a later version that claims to be at the source', one, closed(held(2, { a: 1 })), 'source-behind'],
    ['another operation', one, closed({ ...one, op: 'other' }), 'version-names-two-values'],
  ]
  for (const [what, source, target, reason] of cases) {
    it(`calls ${what} ${reason}`, () => {
      for (const at of STAGES.slice(1)) expect(reasonOf(at, source, target)).toBe(reason)
      expect(verdictOf({ stage: 'off', source, target }, { stage: 'off', source, target })).toEqual({
        kind: 'inconclusive',
        reason: 'not-in-this-stage',
      })
    })
  }

  it('gives open copies ahead of the source the name that their stage has for them', () => {
    const names: { [at in Stage]: string } = {
      off: 'not-in-this-stage',
      dualwrite: 'unacknowledged-at-target',
      shadow: 'being-written',
      live: 'being-written',
      rampdown: 'source-may-lag',
      complete: 'source-may-lag',
    }
    for (const at of STAGES) {
      const seen: Look = { stage: at, source: one, target: { ...held(2, { a: 2 }), open: true } }
      expect(verdictOf(seen, seen)).toEqual({ kind: 'inconclusive', reason: names[at] })
    }
  })

  it('is not settled while the open mark comes off: the source was just written', () => {
    const before: Look = { stage: 'live', source: one, target: { ...held(2, { a: 2 }), open: true } }
    const after: Look = { stage: 'live', source: one, target: closed(held(2, { a: 2 })) }
    expect(verdictOf(after, before)).toEqual({ kind: 'inconclusive', reason: 'being-written' })
  })

  it('names both values of a mismatch, and none of what cannot be read', () => {
    const seen: Look = { stage: 'live', source: one, target: closed(held(1, { a: 2 })) }
    expect(verdictOf(seen, seen)).toMatchObject({
      differences: [{ path: '$.a', kind: 'changed', source: 1, target: 2 }],
      more: false,
    })
    const damaged: Look = { stage: 'live', source: one, target: null, targetDamaged: true }
    expect(verdictOf(damaged, damaged)).toEqual({
      kind: 'mismatch',
      reason: 'damaged-at-target',
      differences: [],
      more: false,
    })
    expect(targetCovers(damaged)).toBe(false)
  })
})

describe('Coverage', () => {
  it('asks for the same copy or a later one, tombstones too', () => {
    fc.assert(
      fc.property(anyLook, (seen) => {
        const { source, target } = seen
        if (source === null) expect(targetCovers(seen)).toBe(true)
        else if (target === null || target.version < source.version) expect(targetCovers(seen)).toBe(false)
        else if (target.version > source.version) expect(targetCovers(seen)).toBe(true)
        else expect(targetCovers(seen)).toBe(signOf(seen).kind === 'match' && source.op === target.op)
      }),
    )
  })
})

function held(version: number, value: JsonObject | null): Copy {
  return { version, op: 'op', value }
}

function closed(held: Copy): TargetCopy {
  return { ...held, open: false }
}

function reasonOf(at: Stage, source: Copy | null, target: TargetCopy | null): string {
  const seen: Look = { stage: at, source, target }
  const verdict = verdictOf(seen, seen)
  return verdict.kind === 'mismatch' ? verdict.reason : verdict.kind
}
