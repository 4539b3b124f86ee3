import {
  type Allocation,
  allocationOfFlag,
  allocationOfRollout,
  statedAllocation,
} from '../../core/experiment/allocation.js'
import { type ExperimentDefinition, isCompared } from '../../core/experiment/experiment.js'
import { targetReadPercent } from '../../core/fence.js'
import { componentOf } from '../components.js'
import { collectionOf, type EngineContext } from '../context.js'
import { readNamedFlag } from '../flags/flags.js'
import { seenFences } from '../status.js'

/**
 * How subjects are dealt to the cohorts now: as is stated, or as the flag's rollout or the collection's stage says.
 * `null`: some cohort would get nobody. Throws `not-found` of a flag that is gone, `unavailable` of what does not answer.
 */
export async function dealtNow(context: EngineContext, definition: ExperimentDefinition): Promise<Allocation | null> {
  if (isCompared(definition)) return statedAllocation([0.5, 0.5])
  const names = definition.cohorts.map(({ name }) => name)
  if (definition.assignment.by === 'flag') {
    const flag = await readNamedFlag(context, definition.assignment.flag)
    return allocationOfFlag(flag, names, context.clock.now())
  }
  const stated = statedShares(definition)
  if (stated !== null) return statedAllocation(stated)
  const component = await componentOf(context, definition.component)
  if (component.kind === 'flag') return null
  const { fences } = await seenFences(collectionOf(context, component.collection))
  return allocationOfRollout(Math.min(...fences.map(targetReadPercent)))
}

export function statedShares({ cohorts }: ExperimentDefinition): number[] | null {
  const shares = cohorts.flatMap(({ share }) => (share === null ? [] : [share]))
  return shares.length === cohorts.length ? shares : null
}
