import type { DashboardState } from '../state.js'
import { shownCount } from './format.js'
import { Empty, Missing, Panel } from './panel.js'
import { FinishedPlans, Plan } from './plan.js'
import { Program } from './program.js'

/** What carries the migration on by itself: its steps and phases, what they wait for, and where they would turn back. */
export function Plans({ state }: { state: DashboardState }) {
  const { plans, programs } = state
  // The plan of a phase is shown with its phase, if that can be shown.
  const own = (plans ?? []).filter(({ program }) => program === null || !isShown(program, programs))
  const finished = own.filter(({ status }) => status === 'finished')
  const atWork = own.filter(({ status }) => status !== 'finished')
  const isEmpty = plans?.length === 0 && programs?.length === 0
  return (
    <Panel id="plans" title="Plans and programs" aside={plans === null || isEmpty ? undefined : inWords(state)}>
      {isEmpty ? (
        <Empty>
          No plan carries anything on: stages change when somebody changes them. <code>start-plan</code> takes the
          collections through a week of steps, each on evidence.
        </Empty>
      ) : null}
      {plans === null ? <Missing state={state} part="plans" /> : null}
      {atWork.map((plan) => (
        <Plan key={plan.name} plan={plan} />
      ))}
      {programs === null ? <Missing state={state} part="programs" /> : null}
      {(programs ?? []).map((program) => (
        <Program key={program.name} program={program} plans={plans ?? []} />
      ))}
      <FinishedPlans plans={finished} />
    </Panel>
  )
}

function isShown(name: string, programs: DashboardState['programs']): boolean {
  return (programs ?? []).some((program) => program.name === name)
}

function inWords({ plans, programs }: DashboardState): string {
  const all = [...(plans ?? []).filter(({ program }) => program === null), ...(programs ?? [])]
  const running = all.filter(({ status }) => status === 'running').length
  const stands = all.filter(({ status }) => STANDS.includes(status)).length
  const parts = [
    ...(running === 0 ? [] : [`${shownCount(running)} at work`]),
    ...(stands === 0 ? [] : [`${shownCount(stands)} waiting for an operator`]),
  ]
  return parts.length === 0 ? 'none at work' : parts.join(', ')
}

const STANDS: readonly string[] = ['paused', 'turned-back', 'failed']
