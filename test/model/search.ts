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

/** The first chain in which something goes wrong, of those that are searched in any test run; `null`: none. */
export async function hunt(first?: string): Promise<Searched | null> {
  const inOrder = [...CHAINS].sort((a, b) => Number(b.name === first) - Number(a.name === first))
  for (const chain of inOrder) {
    const searched = await search(chain)
    if (searched.fault !== null) return searched
  }
  return null
}

/** What happened, told step by step. */
export function tell({ chain, fault }: Searched): string {
  if (fault === null) return `${chain}: nothing goes wrong.`
  const steps = fault.steps.map((step, at) => `${String(at + 1).padStart(4)}  ${step}`)
  return [`${chain}: ${fault.text}`, ...steps].join('\n')
}
