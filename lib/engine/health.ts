import { CutoverError } from '../core/error.js'
import { throttleNote } from '../core/throttle.js'
import { unattendedAlerts } from './alerts/list.js'
import type { EngineContext } from './context.js'
import { breakerIssues } from './failing/orders.js'
import { readStopped } from './rollback/stopped.js'
import { listRuns } from './runs/store.js'
import { collectionStatus } from './status.js'

const ALERTS_MAX = 200

/** One call that says healthy, or lists the issues, one sentence each. */
export async function health(context: EngineContext): Promise<{ healthy: boolean; issues: string[] }> {
  const issues: string[] = []
  for (const { name } of context.collections) {
    try {
      const { source, target, settling, stage, overrides } = await collectionStatus(context, name)
      if (!source.reachable) issues.push(`The source of ${name} does not answer.`)
      if (!target.reachable) issues.push(`The target of ${name} does not answer.`)
      if (settling) issues.push(`A stage change of ${name} is not carried out on both stores yet.`)
      for (const { variable, value, against } of overrides)
        if (against) issues.push(`${variable}=${value} stands against the stage of ${name}, which is ${stage}.`)
    } catch (error) {
      const why = error instanceof CutoverError ? error.message : 'its status could not be read.'
      issues.push(`It cannot be told where ${name} stands: ${why}`)
    }
  }
  try {
    const stopped = await readStopped(context)
    if (stopped !== null)
      issues.push(`Everything is stopped since an emergency stop by ${stopped.by}: ${stopped.reason}`)
    for (const { message } of await unattendedAlerts(context, ALERTS_MAX)) issues.push(message)
    const runs = await listRuns(context.ledger, { active: true, limit: 50 })
    for (const { id, kind, collection, status, note, throttle } of runs) {
      // Keeping out of the application's way is what a run is to do, and no issue.
      const slowed = throttle === undefined ? null : throttleNote(throttle)
      if (status === 'running' && note !== null && note !== slowed)
        issues.push(`The ${kind} of ${collection} (${id}) does not get on: ${note}`)
    }
  } catch {
    issues.push('The ledger does not answer.')
  }
  for (const issue of await breakerIssues(context)) issues.push(issue)
  return { healthy: issues.length === 0, issues }
}
