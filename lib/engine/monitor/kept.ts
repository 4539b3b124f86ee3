import type { Rule } from '../../core/monitor/rule.js'
import type { Standing } from '../../core/monitor/standing.js'
import type { Ledger } from '../../ports/ledger.js'

/** Where the monitor keeps what it keeps. */
export const RULE = 'rule/'
export const DECISION = 'decision/'
export const STANDINGS = 'monitor/'

/** Rules that are stored, those for one component counted each. */
export const RULES_MAX = 200

export interface HeldRule {
  revision: number
  rule: Rule
}

export function keyOfRule(name: string, component: string): string {
  return `${RULE}${name}/${component}`
}

export async function storedRules({ ledger }: { ledger: Ledger }): Promise<HeldRule[]> {
  const { items } = await ledger.list(RULE, null, RULES_MAX)
  return items.map(({ revision, value }) => ({ revision, rule: value as unknown as Rule }))
}

/** Where all rules of a component stand: one document, so that weighing them is one commit. */
export interface HeldStandings {
  /** `null`: it was never weighed. */
  revision: number | null
  standings: { readonly [rule: string]: Standing }
}

export async function readStandings({ ledger }: { ledger: Ledger }, component: string): Promise<HeldStandings> {
  const held = await ledger.read(keyOfStandings(component))
  if (held === null) return { revision: null, standings: {} }
  return { revision: held.revision, standings: held.value as unknown as HeldStandings['standings'] }
}

/** Of all components at once; what is answered tells those of one, `null`: they have to be read by themselves. */
export async function listStandings({
  ledger,
}: {
  ledger: Ledger
}): Promise<(component: string) => HeldStandings | null> {
  const { items, end } = await ledger.list(STANDINGS, null, STANDINGS_MAX)
  const all = new Map(items.map(({ key, ...held }) => [key.slice(STANDINGS.length), held]))
  return (component) => {
    const held = all.get(component)
    if (held === undefined) return end ? { revision: null, standings: {} } : null
    return { revision: held.revision, standings: held.value as unknown as HeldStandings['standings'] }
  }
}

export const STANDINGS_MAX = 200

export function keyOfStandings(component: string): string {
  return STANDINGS + component
}
