import { type Component, pathsOf } from '../component.js'
import type { Path } from '../metrics/measurement.js'
import { EVERY_COMPONENT, type Rule } from './rule.js'

/**
 * The rules of a component, each under its name once: the one for this component before the one for every component,
 * what is stored before what is shipped. Paths are those of the component: what a rule calls `source` and `target` is
 * `legacy` and `new` where a flag switches, and the other way round.
 */
export function rulesOf(component: Component, stored: readonly Rule[], shipped: readonly Rule[]): Rule[] {
  const chosen = new Map<string, Rule>()
  for (const rules of [shipped, stored])
    for (const wanted of [EVERY_COMPONENT, component.name])
      for (const rule of rules) if (rule.component === wanted) keep(chosen, rule)
  return [...chosen.values()]
    .filter(({ kind, component: of }) => of !== EVERY_COMPONENT || kind === null || kind === component.kind)
    .map((rule) => onPathsOf(component, rule))
}

/** A rule for every component never displaces one for this component. */
function keep(chosen: Map<string, Rule>, rule: Rule): void {
  const before = chosen.get(rule.name)
  if (before !== undefined && before.component !== EVERY_COMPONENT && rule.component === EVERY_COMPONENT) return
  chosen.set(rule.name, rule)
}

function onPathsOf(component: Component, rule: Rule): Rule {
  const [left, taken] = pathsOf(component)
  const own = (path: Path | null): Path | null => {
    if (path === null) return null
    return path === 'source' || path === 'legacy' ? left : taken
  }
  return { ...rule, path: own(rule.path), relativeTo: own(rule.relativeTo) }
}
