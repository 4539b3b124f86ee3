import type { Budget, Catch, Hunter, Mutant } from './mutant.js'

/** How one mutant fared. */
export interface Finding {
  mutant: Mutant
  caught: Catch | null
  seconds: number
}

export interface Survey {
  findings: Finding[]
  /** Of those that can be caught. */
  caught: number
  expected: number
  redundant: number
  slowest: Finding | null
}

/** Sends the hunters after every mutant, several at once; those that are redundant are only loaded, not hunted. */
export async function survey(
  mutants: readonly Mutant[],
  hunters: readonly Hunter[],
  budget: Budget,
  { atOnce, onFinding }: { atOnce: number; onFinding: (finding: Finding) => void },
): Promise<Survey> {
  const findings = new Map<Mutant, Finding>()
  const waiting = mutants.filter(({ redundant }) => redundant === undefined)
  const expected = waiting.length
  const lane = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const began = performance.now()
      const caught = await firstCatch(mutant, hunters, budget)
      const finding = { mutant, caught, seconds: (performance.now() - began) / 1000 }
      findings.set(mutant, finding)
      onFinding(finding)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  const inOrder = mutants.map((mutant) => findings.get(mutant) ?? { mutant, caught: null, seconds: 0 })
  const caught = inOrder.filter((finding) => finding.caught !== null)
  const slowest = caught.reduce<Finding | null>((a, b) => (a === null || b.seconds > a.seconds ? b : a), null)
  return { findings: inOrder, caught: caught.length, expected, redundant: mutants.length - expected, slowest }
}

/** What is pinned, on whatever ground, is tried before anything is searched. */
const PINNED: Budget = { seeds: 0 }

async function firstCatch(mutant: Mutant, hunters: readonly Hunter[], budget: Budget): Promise<Catch | null> {
  for (const allowed of [PINNED, budget]) {
    for (const hunt of hunters) {
      const caught = await hunt(mutant, allowed)
      if (caught !== null) return caught
    }
  }
  return null
}
