import type { Component } from '../../core/component.js'
import { rulesOf } from '../../core/monitor/apply.js'
import { SHIPPED_RULES } from '../../core/monitor/default-rules.js'
import type { Rule } from '../../core/monitor/rule.js'
import type { Standing } from '../../core/monitor/standing.js'
import type { Look } from '../../ports/ledger.js'
import { COMPONENTS, COMPONENTS_MAX, componentOf, keyOfComponent, listComponents } from '../components.js'
import type { EngineContext } from '../context.js'
import { lookingAhead } from '../look-ahead.js'
import {
  keyOfStandings,
  listStandings,
  RULE,
  RULES_MAX,
  readStandings,
  STANDINGS,
  STANDINGS_MAX,
  storedRules,
} from './kept.js'

/** The rules of a component, as they are now, each with where it stood when it was weighed last. */
export interface Monitor {
  component: Component
  rules: { rule: Rule; standing: Standing | null }[]
}

type Context = Pick<EngineContext, 'collections' | 'ledger' | 'clock'>

/** Of every component, in one access of the ledger. */
export async function monitors(context: Context): Promise<Monitor[]> {
  const ledger = lookingAhead(context.ledger, [RULES, ALL_COMPONENTS, ALL_STANDINGS], context.clock)
  const [stored, components, heldOf] = await Promise.all([
    storedRules({ ledger }),
    listComponents({ collections: context.collections, ledger }),
    listStandings({ ledger }),
  ])
  const all: Monitor[] = []
  for (const component of components) {
    const { standings } = heldOf(component.name) ?? (await readStandings({ ledger }, component.name))
    all.push(monitorOf(component, stored, standings))
  }
  return all
}

/** Of one. Throws `not-found`, naming the components that there are. */
export async function monitorOfComponent(context: Context, name: string): Promise<Monitor> {
  const own: Look[] = [keyOfComponent(name), keyOfStandings(name)].map((key) => ({ kind: 'read', key }))
  const ledger = lookingAhead(context.ledger, [RULES, ...own], context.clock)
  const component = await componentOf({ collections: context.collections, ledger }, name)
  const [stored, { standings }] = await Promise.all([storedRules({ ledger }), readStandings({ ledger }, name)])
  return monitorOf(component, stored, standings)
}

const RULES: Look = { kind: 'list', prefix: RULE, after: null, limit: RULES_MAX }
const ALL_COMPONENTS: Look = { kind: 'list', prefix: COMPONENTS, after: null, limit: COMPONENTS_MAX }
const ALL_STANDINGS: Look = { kind: 'list', prefix: STANDINGS, after: null, limit: STANDINGS_MAX }

function monitorOf(
  component: Component,
  stored: readonly { rule: Rule }[],
  standings: { readonly [rule: string]: Standing },
): Monitor {
  const rules = rulesOf(
    component,
    stored.map(({ rule }) => rule),
    SHIPPED_RULES,
  )
  return { component, rules: rules.map((rule) => ({ rule, standing: standings[rule.name] ?? null })) }
}
