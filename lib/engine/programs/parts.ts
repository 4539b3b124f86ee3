import type { Operator } from '../../core/plan/operate.js'
import type { CheckOutcome } from '../../core/program/advance.js'
import type { Kinds } from '../../core/program/course.js'
import type { Raising } from '../alerts/raise.js'
import type { Autopilot } from '../autopilot/actions.js'

/**
 * What programs run on, and what they can ask of the world. Everything may be asked for twice. What cannot be asked now
 * throws `CutoverError('unavailable')`, and then nothing follows from it.
 */
export interface Programs {
  /** Of the plans; its ledger and clock are the programs' too. */
  autopilot: Autopilot
  /** What each of these names is; a name that is neither collection nor component is absent. */
  kinds(names: readonly string[]): Promise<Kinds>
  /** Names of the checks that there are. */
  checkNames(): Promise<ReadonlySet<string>>
  /** Why nothing may begin at all now, such as an emergency stop; `null`: it may. */
  stopped(): Promise<string | null>
  /**
   * What a check after a phase came to, counted from `since`. It sees to it that the check is made.
   */
  check(asked: AskedCheck): Promise<CheckOutcome>
  /** Whether a rule of a component was in breach since a time, and which; `null`: none was. */
  breach(component: string, since: number): Promise<string | null>
  /** Whether somebody or something has rolled a component back since a time, and why; `null`: nobody has. */
  rolledBack(component: string, since: number): Promise<string | null>
  /** What has to be committed so that people are told of it; `told` is to be called once it is. */
  alert(news: ProgramAlert): Promise<Pick<Raising, 'changes' | 'entries' | 'told'>>
  /** What was told of a phase is over, since it is tried again. */
  settle(program: string, phase: string, operator: Operator): Promise<void>
  /** Asks the queue for another turn. Its failure is no matter: the cron comes anyway. */
  wake(message: Wake): Promise<void>
}

export interface AskedCheck {
  /** Of the attempt, by which the check is told apart. */
  plan: string
  program: string
  phase: string
  component: string
  check: string
  /** Wall-clock milliseconds. */
  since: number
}

export interface ProgramAlert {
  program: string
  phase: string
  kind: 'program-failed' | 'plan-turned-back'
  /** Whom it concerns. */
  component: string
  message: string
}

export interface Wake {
  program: string
  /** The same for the same turn: the queue may deliver one of them only. */
  deduplicationId: string
  delayMs: number
}
