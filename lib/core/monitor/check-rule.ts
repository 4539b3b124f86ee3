import { COMPONENT_NAME } from '../component.js'
import { CutoverError } from '../error.js'
import { hasNoPath, METRICS, metricOf } from './metric.js'
import { EVERY_COMPONENT, RULE_NAME, type Rule, WINDOWS_MAX, WINDOWS_MINUTES_MAX } from './rule.js'
import { isClearable } from './weigh.js'

/** Answers the rule, or throws `invalid-input` with every fault, each with its mend. */
export function checkRule(rule: Rule): Rule {
  const faults = faultsOfRule(rule)
  if (faults.length === 0) return rule
  throw new CutoverError('invalid-input', `The rule ${rule.name} is not accepted. ${faults.join(' ')}`, {
    details: { faults },
  })
}

function faultsOfRule(rule: Rule): string[] {
  const faults: string[] = []
  const must = (holds: boolean, otherwise: string): void => void (holds || faults.push(otherwise))
  const { name, component, windowMinutes, breachWindows, clearWindows, confidence } = rule
  must(RULE_NAME.test(name), 'The name is a small letter, then up to 63 of a-z, 0-9 and "-".')
  must(
    component === EVERY_COMPONENT || COMPONENT_NAME.test(component),
    `The component is the name of one, or "${EVERY_COMPONENT}".`,
  )
  const metric = metricOf(rule.metric)
  must(
    metric !== null,
    `There is no metric ${JSON.stringify(rule.metric.slice(0, 80))}. There are: ${METRICS.join(', ')}, and of what was recorded sum:NAME, share:NAME, mean:NAME, peak:NAME, ratio:NAME/NAME.`,
  )
  const finite = Number.isFinite(rule.threshold) && Number.isFinite(rule.clearThreshold ?? 0)
  must(finite, 'A threshold is a number.')
  must(windowMinutes > 0, 'A window is longer than 0 minutes.')
  for (const count of [breachWindows, clearWindows])
    must(Number.isInteger(count) && count >= 1 && count <= WINDOWS_MAX, `Windows are counted from 1 to ${WINDOWS_MAX}.`)
  must(
    windowMinutes * Math.max(breachWindows, clearWindows) <= WINDOWS_MINUTES_MAX,
    `All windows together are at most ${WINDOWS_MINUTES_MAX} minutes.`,
  )
  must(confidence >= 0.5 && confidence < 1, 'The confidence is from 0.5 to below 1.')
  must(isClearable(rule), 'The threshold for clearing is on the good side of the threshold.')
  must(rule.leastDifference === 0 || rule.relativeTo !== null, 'leastDifference is for a rule with relativeTo.')
  if (rule.relativeTo !== null) {
    must(rule.path !== null && rule.path !== rule.relativeTo, 'A relative rule names two paths: path and relativeTo.')
    must(metric === null || !hasNoPath(metric), `${rule.metric} belongs to no path, and cannot be relative to one.`)
  }
  return faults
}
