import { expect, test } from 'vitest'
import { Header } from '../../../lib/dashboard/page/header.js'
import type { DashboardState, Part } from '../../../lib/dashboard/state.js'
import { shownPart } from '../shown.js'

const boot = { caller: { name: 'ann', role: 'admin' as const }, host: 'example.org' }
const stopped = { kind: 'stopped', by: 'ann', reason: 'odd numbers' } as Part<'emergencyStop'>

function acts(emergencyStop: DashboardState['emergencyStop']): string[] {
  const Shown = ({ state }: { state: DashboardState }) => (
    <Header boot={{ ...boot, state, fault: null }} connection={null} state={state} />
  )
  return shownPart(Shown, { emergencyStop }, 'admin').acts
}

test('everything can be stopped, also while nobody can tell whether it is', () => {
  expect(acts({ kind: 'none' } as Part<'emergencyStop'>)).toEqual(['emergency-stop'])
  expect(acts(null)).toEqual(['emergency-stop'])
})

test('what is stopped can be let go again', () => {
  expect(acts(stopped)).toEqual(['lift-emergency-stop'])
})
