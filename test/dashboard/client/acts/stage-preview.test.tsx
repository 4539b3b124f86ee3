import { describe, expect, it } from 'vitest'
import { Differing, type Preview, WhatHelps, WouldMove } from '../../../../lib/dashboard/client/acts/stage-preview.js'
import { shownPart } from '../../shown.js'
import { consistent, validated } from '../../work-fixtures.js'

const helpsFor = (reason: string): string[] => {
  const refusal = { reason, inWords: null, details: {} }
  return shownPart(() => <WhatHelps seen={{ kind: 'refused', refusal }} collection="projects" />, {}).acts
}

describe('a refused step', () => {
  it('has the act beside it that lifts the refusal', () => {
    expect(helpsFor('target-not-full')).toEqual(['backfill'])
    expect(helpsFor('source-not-full')).toEqual(['backfill'])
    expect(helpsFor('zero-loss-not-proved')).toEqual(['check-zero-loss'])
  })

  it('has none where no act of the page does', () => {
    expect(helpsFor('stopped')).toEqual([])
  })
})

describe('before a step', () => {
  const told = (latest: Parameters<typeof validated>[0]): string => {
    const consistency = [consistent({ latest: validated(latest) })]
    return shownPart(({ state }) => <Differing of="projects" state={state} />, { consistency }).text.trim()
  }

  it('one is told that records differ, as no gate asks for that', () => {
    expect(told({ mismatched: 2 })).toBe(
      'The latest validation found 2 records of projects that differ between the stores.',
    )
    expect(told({ mismatched: 2, repaired: 1 })).toContain('1 record of projects that differs')
  })

  it('one is told nothing where they were repaired, or agreed', () => {
    expect(told({ mismatched: 2, repaired: 2 })).toBe('')
    expect(told({})).toBe('')
  })
})

it('a share that is set is told as that, a step as the way it goes', () => {
  const change = { before: { inWords: 'a' }, after: { inWords: 'b' } }
  const head = (from: string, steps: { to: string; rolloutPercent: number }[]): string => {
    const rest = { changes: { reads: change, writes: change }, warnings: [], pending: null, commands: null, epoch: 4 }
    const preview = { from, to: 'live', steps, rollbackAfter: { inWords: 'instant' }, ...rest } as unknown as Preview
    return (
      shownPart(() => <WouldMove preview={preview} />, {})
        .text.split(' Now ')[0]
        ?.trim() ?? ''
    )
  }
  expect(head('live', [{ to: 'live', rolloutPercent: 50 }])).toBe('live for 50 % of the records')
  expect(head('shadow', [{ to: 'live', rolloutPercent: 10 }])).toBe('shadow → live (10 %)')
})
