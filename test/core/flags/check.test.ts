import { describe, expect, it } from 'vitest'
import { FLAG_BYTES_MAX, faultsOfFlag, faultsOfGroup, MEMBERS_MAX } from '../../../lib/core/flags/check.js'
import type { Condition, FlagDefinition } from '../../../lib/core/flags/definition.js'
import { flagNamed } from '../../engine/flags/flag-named.js'

function faults(more: Partial<FlagDefinition>): string {
  return faultsOfFlag(flagNamed('checkout', more)).join(' ')
}

function rule(condition: object): Partial<FlagDefinition> {
  return { rules: [{ when: [condition as Condition], rollout: flagNamed('x').rollout }] }
}

describe('a flag', () => {
  it('is accepted as it is', () => {
    expect(faults({})).toBe('')
  })

  it.each([
    ['a name that is none', { name: '' }, 'The name'],
    ['a name with a slash', { name: 'a/b' }, 'The name'],
    ['the name of a prototype', { name: '__proto__' }, 'The name'],
    ['the name of a view', { name: 'migration_mode' }, 'belongs to the views'],
    ['the name of a view on a collection that is not there', { name: 'redis_read_nobody' }, 'belongs to the views'],
    ['a salt with a line end', { salt: 'a\nb' }, 'salt'],
    ['no variants', { variants: {} }, 'variants'],
    ['a variant of another kind', { variants: { on: true, off: 'no' } }, '"off" is not true or false'],
    ['a fallback that is no variant', { fallback: 'constructor' }, 'fallback "constructor" is none'],
    [
      'a percentage between the steps',
      { rollout: { percent: 0.0001, split: [{ variant: 'on', weight: 1 }] } },
      '0.001',
    ],
    ['a percentage over 100', { rollout: { percent: 100.001, split: [{ variant: 'on', weight: 1 }] } }, '0 to 100'],
    ['no percentage', { rollout: { percent: Number.NaN, split: [{ variant: 'on', weight: 1 }] } }, '0 to 100'],
    ['a split among none', { rollout: { percent: 1, split: [] } }, 'splits among'],
    [
      'a split among strangers',
      { rollout: { percent: 1, split: [{ variant: 'x', weight: 1 }] } },
      'which is no variant',
    ],
    ['a weight of 0', { rollout: { percent: 1, split: [{ variant: 'on', weight: 0 }] } }, 'weight'],
    ['half a weight', { rollout: { percent: 1, split: [{ variant: 'on', weight: 0.5 }] } }, 'weight'],
    ['a rule without condition', { rules: [{ when: [], rollout: flagNamed('x').rollout }] }, 'Rule 0 has no condition'],
    [
      'an operator that is none',
      rule({ on: 'attribute', attribute: 'a', operator: 'matches', value: '.' }),
      'operator',
    ],
    ['a list to equal', rule({ on: 'attribute', attribute: 'a', operator: 'equals', value: ['x'] }), 'does not take'],
    [
      'a text to be greater',
      rule({ on: 'attribute', attribute: 'a', operator: 'greater', value: '7' }),
      'does not take',
    ],
    ['no list to be in', rule({ on: 'attribute', attribute: 'a', operator: 'in', value: 'x' }), 'does not take'],
    ['no environment', rule({ on: 'environment', environments: [] }), 'environments'],
    ['an end before its beginning', { from: 2, until: 2 }, 'begins no earlier'],
    ['half a millisecond', { from: 0.5 }, 'whole milliseconds'],
    [
      'steps out of order',
      {
        schedule: [
          { at: 2, percent: 1 },
          { at: 2, percent: 2 },
        ],
      },
      'order of their times',
    ],
    ['too much in it', { description: 'x'.repeat(FLAG_BYTES_MAX) }, 'larger than'],
  ] as [string, Partial<FlagDefinition>, string][])('with %s is refused', (_what, more, fault) => {
    expect(faults(more)).toContain(fault)
  })
})

describe('a group', () => {
  it('has a name, and members that can be keys', () => {
    const group = { name: 'staff', description: '', members: ['ann'] }
    expect(faultsOfGroup(group)).toEqual([])
    expect(faultsOfGroup({ ...group, name: 'a b' })).toHaveLength(1)
    expect(faultsOfGroup({ ...group, members: [''] })).toHaveLength(1)
    expect(faultsOfGroup({ ...group, members: ['x'.repeat(257)] })).toHaveLength(1)
    expect(faultsOfGroup({ ...group, members: Array<string>(MEMBERS_MAX + 1).fill('x') })).toHaveLength(1)
  })
})
