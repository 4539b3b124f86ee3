import type { Phase, Program } from './program.js'

/**
 * The five phases of a system's own parts, as an example that runs: what everything else stands upon first, then what
 * depends on it. Search and error handling go side by side; the repository needs the errors of the new path, and the
 * sockets what the repository serves.
 */
export function fivePhases(options: FiveOptions = {}): Program {
  const { name = 'five-phases', timeScale = 1 } = options
  return { name, phases: FIVE.map((part) => phaseOf(part, options)), parallel: 4, timeScale }
}

export interface FiveOptions {
  name?: string
  timeScale?: number
  /** Planned milliseconds at each share. Default an hour. */
  soakMs?: number
  /** Operations on the new path that each share needs. Default 100. */
  minOperations?: number
}

/** The components of the example, with the flags that switch them. */
export const FIVE_COMPONENTS: readonly { name: string; flag: string; description: string }[] = [
  { name: 'utilities', flag: 'new-utilities', description: 'Helpers that every other part calls' },
  { name: 'search', flag: 'new-search', description: 'Finding records by what they say' },
  { name: 'error-handling', flag: 'new-error-handling', description: 'How failures are told to callers' },
  { name: 'repository', flag: 'new-repository', description: 'Reading and writing of records' },
  { name: 'websocket', flag: 'new-websocket', description: 'Messages to those who are connected' },
]

const FIVE = [
  { name: 'utilities', dependsOn: [], onFail: 'turn-back-dependents' },
  { name: 'search', dependsOn: ['utilities'], onFail: 'turn-back' },
  { name: 'error-handling', dependsOn: ['utilities'], onFail: 'turn-back' },
  { name: 'repository', dependsOn: ['error-handling'], onFail: 'turn-back-dependents' },
  { name: 'websocket', dependsOn: ['repository'], onFail: 'turn-back' },
] as const

function phaseOf({ name, dependsOn, onFail }: (typeof FIVE)[number], { soakMs, minOperations }: FiveOptions): Phase {
  const component = FIVE_COMPONENTS.find((one) => one.name === name)
  return {
    name,
    description: component?.description ?? '',
    dependsOn,
    components: [name],
    course: {
      kind: 'gradual',
      ...(soakMs === undefined ? {} : { soakMs }),
      ...(minOperations === undefined ? {} : { minOperations }),
    },
    checks: [],
    onFail,
  }
}
