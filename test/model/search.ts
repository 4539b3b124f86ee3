import { type Chain, wholeOf } from './chain.js'
import { CHAINS, WIDE } from './chains.js'
import { type Explored, explore } from './explore.js'

/** One chain, searched. */
export interface Searched extends Explored {
  chain: string
  seconds: number
}

/** A search that comes to so many states is ended: a table of them takes some hundred bytes each. */
const STATES_MAX = 30_000_000

export async function search(chain: Chain, statesMax = STATES_MAX): Promise<Searched> {
  const began = performance.now()
  const explored = await explore(await wholeOf(chain), statesMax)
  return { chain: chain.name, ...explored, seconds: (performance.now() - began) / 1000 }
}

export function chainsNamed(part: string, wide: boolean): Chain[] {
  return [...CHAINS, ...(wide ? WIDE : [])].filter(({ name }) => name.includes(part))
}

/**
 * A chain in which something goes wrong, or `null`. A little of every chain is searched before much of any, as most
 * faults show early; the long ones are not searched to their ends.
 */
export async function hunt(first?: string): Promise<Searched | null> {
  const inOrder = [...CHAINS, ...WIDE].sort((a, b) => Number(b.name === first) - Number(a.name === first))
  const complete = new Set<Chain>()
  for (const statesMax of HUNTED) {
    for (const chain of inOrder) {
      if (complete.has(chain)) continue
      const searched = await search(chain, statesMax)
      if (searched.fault !== null) return searched
      if (searched.complete) complete.add(chain)
    }
  }
  return null
}

const HUNTED = [5_000, 50_000, 400_000]

/** What happened, told step by step. */
export function tell({ chain, fault }: Searched): string {
  if (fault === null) return `${chain}: nothing goes wrong.`
  const steps = fault.steps.map((step, at) => `${String(at + 1).padStart(4)}  ${step}`)
  return [`${chain}: ${fault.text}`, ...steps].join('\n')
}
