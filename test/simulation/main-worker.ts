import type { Outcome } from './play.js'
import { play } from './play.js'
import { type Scenario, scenarioOf } from './scenario.js'
import { played } from './shrink.js'

/** What the main process asks of one that plays: these seeds, in this order. */
export interface Errand {
  seeds: readonly number[]
  target: Scenario['target'] | null
}

/** The answer, seed by seed. */
export type Played = Pick<Outcome, 'operations' | 'counts'> & { seed: number; failed: boolean }

/** Plays what the parent sends, until the parent lets go. */
export function serveParent(): void {
  const send = (message: Played | 'idle'): void => void process.send?.(message)
  process.on('message', (errand: Errand) => {
    void work(errand, send).then(() => send('idle'))
  })
  process.on('disconnect', () => process.exit())
  send('idle')
}

async function work({ seeds, target }: Errand, send: (played: Played) => void): Promise<void> {
  for (const seed of seeds) {
    const { operations, counts, faults } = await played(play, aimedAt(scenarioOf(seed), target), false)
    send({ seed, operations, counts, failed: faults.length > 0 })
  }
}

export function aimedAt(scenario: Scenario, target: Scenario['target'] | null): Scenario {
  return target === null ? scenario : { ...scenario, target }
}
