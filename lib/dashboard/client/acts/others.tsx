import { useState } from 'preact/hooks'
import type { Act } from '../../page/act.js'
import { shownCount } from '../../page/format.js'
import { Mark } from '../../page/panel.js'
import { lastOf } from './audited.js'
import { ActForm, type ActProps } from './form.js'
import type { Wish } from './request.js'

type Kind = 'pause-plan' | 'resume-plan' | 'pause-program' | 'resume-program' | 'acknowledge-alert' | 'resolve-alert'
type Other = Extract<Act, { kind: Kind }>

/** Acts on a plan, a program or an alert: each is known by its status, and its server keeps who was first. */
export function SteerOther({ act, ...props }: ActProps & { act: Other }) {
  const { title, effect, done, presets, actions } = WORDS[act.kind]
  const { wish, about, status, standing } = subjectOf(act, props)
  const [seen, setSeen] = useState(status)
  const isChanged = status !== null && seen !== null && status !== seen
  return (
    <ActForm
      {...props}
      title={`${title} ${about}`}
      wish={wish}
      blocked={status !== null && done.includes(status) ? `It is ${status}: there is nothing to be done.` : null}
      toType={null}
      moved={
        isChanged ? { inWords: `It is ${status} since you looked.`, find: () => lastOf(actions, nameIn(wish)) } : null
      }
      again={() => setSeen(status)}
      confirm={title.split(' ')[0] ?? title}
      presets={presets}
    >
      <section class="happening" aria-label="What will happen">
        <h3>What will happen</h3>
        {standing === null ? (
          <p class="missing">
            <Mark tone="warn" /> How it stands cannot be told now.
          </p>
        ) : (
          <p>{standing}</p>
        )}
        <p>{effect}</p>
      </section>
    </ActForm>
  )
}

interface Subject {
  wish: Wish
  about: string
  status: string | null
  /** How it stands, in words; `null`: not known. */
  standing: string | null
}

function subjectOf(act: Other, { state }: ActProps): Subject {
  switch (act.kind) {
    case 'pause-plan':
    case 'resume-plan': {
      const plan = state?.plans?.find(({ name }) => name === act.planId) ?? null
      const waits = plan?.waiting === null || plan === null ? '' : ` It waits for ${plan.waiting.inWords}.`
      const standing =
        plan === null
          ? null
          : `It is ${plan.status}, at step ${plan.stepNumber} of ${plan.steps} (${plan.step}).${waits}`
      return { wish: { kind: act.kind, name: act.planId }, about: act.subject, status: plan?.status ?? null, standing }
    }
    case 'pause-program':
    case 'resume-program': {
      const program = state?.programs?.find(({ name }) => name === act.program) ?? null
      const done = program?.phases.filter(({ status }) => status === 'finished').length ?? 0
      const standing =
        program === null ? null : `It is ${program.status}; ${done} of ${program.phases.length} phases are done.`
      return {
        wish: { kind: act.kind, name: act.program },
        about: act.program,
        status: program?.status ?? null,
        standing,
      }
    }
    case 'acknowledge-alert':
    case 'resolve-alert': {
      const alert = state?.alerts?.items.find(({ id }) => id === act.alertId) ?? null
      const times = alert === null || alert.count === 1 ? '' : `, found ${shownCount(alert.count)} times`
      const standing = alert === null ? null : `“${alert.message}” (${alert.severity}, ${alert.status}${times})`
      return {
        wish: { kind: act.kind, alertId: act.alertId },
        about: act.subject,
        status: alert?.status ?? null,
        standing,
      }
    }
  }
}

function nameIn(wish: Wish): string | null {
  if ('name' in wish) return wish.name
  return 'alertId' in wish ? wish.alertId : null
}

interface Words {
  title: string
  effect: string
  /** Statuses in which there is nothing to be done. */
  done: readonly string[]
  /** What others may have done to it meanwhile. */
  actions: readonly string[]
  presets: readonly string[]
}

const STEERED = ['paused', 'resumed', 'failed', 'turned-back', 'finished', 'overruled']
const OF_PLAN = STEERED.map((word) => `plan-${word}`)
const OF_PROGRAM = ['program-paused', 'program-resumed', 'program-cancelled', 'program-failed']
const OF_ALERT = ['acknowledge-alert', 'resolve-alert', 'escalate-alert']
const PAUSES = ['Something looks wrong', 'Waiting for somebody', 'Quiet hours']
const RESUMES = ['Looked at, and well', 'Whoever was waited for is here']

const WORDS: { readonly [kind in Kind]: Words } = {
  'pause-plan': {
    title: 'Pause the plan',
    effect:
      'It begins nothing more; what is under way at this moment ends, and is recorded. Evidence goes on being gathered.',
    done: ['paused', 'finished', 'failed'],
    actions: OF_PLAN,
    presets: PAUSES,
  },
  'resume-plan': {
    title: 'Resume the plan',
    effect: 'After a pause it goes on where it was; after a turning back, at the first step that was undone.',
    done: ['running', 'finished'],
    actions: OF_PLAN,
    presets: RESUMES,
  },
  'pause-program': {
    title: 'Pause the program',
    effect: 'Nothing more is begun, by the plans of its phases neither. What is under way at this moment ends.',
    done: ['paused', 'finished', 'failed', 'cancelled'],
    actions: OF_PROGRAM,
    presets: PAUSES,
  },
  'resume-program': {
    title: 'Resume the program',
    effect: 'Its phases and their plans go on where they were.',
    done: ['running', 'finished', 'cancelled'],
    actions: OF_PROGRAM,
    presets: RESUMES,
  },
  'acknowledge-alert': {
    title: 'Acknowledge',
    effect: 'You say that you look after it: it is not escalated by itself any more. It stays until it is resolved.',
    done: ['acknowledged', 'resolved'],
    actions: OF_ALERT,
    presets: ['I look after it', 'Known, and expected'],
  },
  'resolve-alert': {
    title: 'Resolve',
    effect: 'You say that what it tells of is over. If it is found again, a new alert is raised.',
    done: ['resolved'],
    actions: OF_ALERT,
    presets: ['It is over', 'It was a false alarm'],
  },
}
