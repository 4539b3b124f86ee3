import type { CheckOutcome } from '../../../lib/core/program/advance.js'
import type { Kinds } from '../../../lib/core/program/course.js'
import type { Phase, Program } from '../../../lib/core/program/program.js'
import { heldBecause } from '../../../lib/engine/autopilot/held.js'
import { readProgram } from '../../../lib/engine/programs/kept.js'
import type { AskedCheck, Programs, Wake } from '../../../lib/engine/programs/parts.js'
import { startProgram } from '../../../lib/engine/programs/steer.js'
import { type ProgramTick, tickProgram } from '../../../lib/engine/programs/tick.js'
import type { Ledger } from '../../../lib/ports/ledger.js'
import { World } from '../autopilot/world.js'

export const ANN = { by: 'ann', reason: 'it is time' }
export const NAME = 'rehearsal'

/** Programs over a world of fences and percentages; a crash may happen at any access to the ledger. */
export class ProgramWorld extends World {
  kindsThere: Kinds = new Map()
  stop: string | null = null
  checkSays: (asked: AskedCheck) => CheckOutcome['outcome'] | 'unavailable' = () => 'pass'
  breachOf: (component: string) => string | null = () => null
  rolledBackAt = new Map<string, number>()
  readonly checked: AskedCheck[] = []
  readonly wakes: Wake[] = []
  readonly alerts: string[] = []

  /** Called before and after every access to the ledger; may throw, as a crash would, or as a ledger that is away. */
  onAccess: (when: 'before' | 'after', call: string) => void = () => undefined

  /** For how many turns of the event loop's queue an access to the ledger waits, so that turns at once interleave. */
  delay: () => number = () => 0

  private around(): Ledger {
    const { ledger } = this
    const at = async <T>(call: string, access: () => Promise<T>): Promise<T> => {
      for (let rest = this.delay(); rest > 0; rest--) await null
      this.onAccess('before', call)
      const answer = await access()
      this.onAccess('after', call)
      return answer
    }
    return {
      ...ledger,
      read: (key) => at('read', () => ledger.read(key)),
      commit: (changes, entries) => at('commit', () => ledger.commit(changes, entries)),
      list: (prefix, after, limit) => at('list', () => ledger.list(prefix, after, limit)),
      entries: (stream, range) => at('entries', () => ledger.entries(stream, range)),
    }
  }

  programs(): Programs {
    const autopilot = this.autopilot({ ledger: this.around() })
    const { ledger } = autopilot
    this.holds = (plan) => heldBecause({ ledger }, plan)
    return {
      autopilot,
      kinds: async () => this.kindsThere,
      checkNames: async () => new Set(['performance', 'api']),
      stopped: async () => this.stop,
      check: async (asked) => {
        this.checked.push(asked)
        const outcome = this.checkSays(asked)
        if (outcome === 'unavailable') return { outcome: 'not-enough-evidence', because: 'unavailable' }
        return { outcome, because: `check ${asked.check} says ${outcome}` }
      },
      breach: async (component) => this.breachOf(component),
      rolledBack: async (component, since) =>
        (this.rolledBackAt.get(component) ?? Number.NEGATIVE_INFINITY) >= since ? `bob rolled ${component} back` : null,
      alert: async ({ message }) => ({ changes: [], entries: [], told: () => void this.alerts.push(message) }),
      settle: async () => undefined,
      wake: async (message) => void this.wakes.push(message),
    }
  }

  /** A component's share, as its flag says. */
  share(component: string): number {
    return this.rollouts.get(component) ?? 0
  }
}

/** A phase of one flag component, `c-` and its name, over three shares. */
export function phase(name: string, dependsOn: readonly string[] = [], more: Partial<Phase> = {}): Phase {
  const course = { kind: 'gradual', percentages: [1, 50, 100], soakMs: 60_000 } as const
  return { name, dependsOn, components: [`c-${name}`], course, checks: [], onFail: 'turn-back', ...more }
}

export function program(phases: readonly Phase[], more: Partial<Program> = {}): Program {
  return { name: NAME, phases, parallel: 4, timeScale: 1, ...more }
}

export function kindsOf({ phases }: Program): Kinds {
  const names = phases.flatMap(({ components }) => components)
  return new Map(names.map((name) => [name, name.startsWith('c-') ? 'flag' : 'collection']))
}

export async function started(given: Program, world = new ProgramWorld()) {
  world.kindsThere = kindsOf(given)
  const programs = world.programs()
  await startProgram(programs, given, ANN)
  return harness(world)
}

export function harness(world: ProgramWorld) {
  const programs = world.programs()
  const turn = (): Promise<ProgramTick> => tickProgram(programs, NAME, world.now + 60_000)
  const state = async () => (await readProgram(world.ledger, NAME)).state
  /** Status by phase. */
  const stands = async (): Promise<{ [phase: string]: string }> =>
    Object.fromEntries(Object.entries((await state()).phases).map(([name, { status }]) => [name, status]))
  const until = async (test: () => Promise<boolean>): Promise<void> => {
    for (let count = 0; count < 300; count++) {
      if (await test()) return
      await turn()
      world.now += 30_000
    }
    throw new Error(`it did not come there: ${JSON.stringify(await state())}`)
  }
  return { world, programs, turn, state, stands, until }
}

/** A diamond: two phases side by side between a first and a last. */
export const DIAMOND = program([
  phase('base'),
  phase('left', ['base']),
  phase('right', ['base']),
  phase('top', ['left', 'right']),
])
