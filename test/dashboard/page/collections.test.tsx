import { describe, expect, test } from 'vitest'
import { Collections } from '../../../lib/dashboard/page/collections.js'
import type { CollectionState } from '../../../lib/dashboard/state.js'
import { collectionState } from '../fixtures.js'
import { shownPart } from '../shown.js'

const shown = (members: Partial<CollectionState>): string =>
  shownPart(Collections, { collections: [collectionState(members)] }).text

describe('a collection at off', () => {
  test('has nothing to go back from, and no figure of what nobody copies', () => {
    const text = shown({ stage: 'off' })
    expect(text).toContain('nothing to go back from')
    expect(text).not.toContain('instant')
    expect(text).toContain('The target is not in use.')
    expect(text).not.toContain('writes not yet in both')
  })
})

describe('what both stores hold', () => {
  test('is told as what a pass has done, never as that they agree', () => {
    const full = shown({ stage: 'shadow', full: true })
    expect(full).toContain('A complete pass has filled both.')
    expect(full).not.toContain('Both hold everything')
    expect(shown({ stage: 'shadow', full: false })).toContain('Whether both hold every record is not known')
  })

  test('says of open marks that they are of writes', () => {
    const target = { ...collectionState().target, open: 3 }
    expect(shown({ stage: 'dualwrite', target })).toContain('writes not yet in both 3')
  })
})

test('the run beside the way back is one that is under way, not how the last one ended', () => {
  const progress = { kind: 'validate', status: 'failed', done: 60, total: 60, secondsLeft: 0 }
  const at = (status: string) =>
    shown({ stage: 'shadow', progress: { ...progress, status } as NonNullable<CollectionState['progress']> })
  expect(at('failed')).not.toContain('60 of 60')
  expect(at('succeeded')).not.toContain('60 of 60')
  expect(at('running')).toContain('validate running: 60 of 60')
  expect(at('paused')).toContain('validate paused: 60 of 60')
})
