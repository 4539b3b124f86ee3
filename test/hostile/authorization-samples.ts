import { raiseAlert } from '../../lib/engine/alerts/raise.js'
import { listBackups } from '../../lib/engine/backups/kept.js'
import { putGroup } from '../../lib/engine/flags/groups.js'
import { listDecisions } from '../../lib/engine/monitor/decisions.js'
import { weighRules } from '../../lib/engine/monitor/weigh-rules.js'
import { putProcedure } from '../../lib/engine/rollback/procedures.js'
import { rollBackComponent } from '../../lib/engine/rollback/roll-back-component.js'
import { CONTROL_BASE } from '../../lib/http/control.js'
import { experiments } from '../commands/asked/experiments.js'
import { programs } from '../commands/asked/programs.js'
import { begin, drain, go, MOVER } from '../engine/runs/world.js'
import type { Door, Route } from './authorization-doors.js'
import { type Deployed, SECRETS } from './authorization-world.js'

/** What a route is asked, and how it answers whoever may ask. */
export interface Sample {
  path: string
  body?: unknown
  /** The statuses of one who was let in. */
  passed: readonly number[]
  /** What the answer must hold of one who was let in, so that the right handler answered. */
  holds?: string
}

/** Something of every kind that verbs can show. */
export async function furnish(deployed: Deployed): Promise<{ [parameter: string]: string }> {
  const { at } = deployed
  await go(at, 'shadow')
  await begin(at, { zeroLoss: true }, 'validate')
  await drain(at)
  const { id: runId } = await begin(at)
  const alert = { severity: 'info', kind: 'target-lost-data', component: null, message: 'A sample.' } as const
  const { id: alertId } = await raiseAlert(at.context, { about: 'a sample', ...alert })
  const headers = [['authorization', `Bearer ${SECRETS.admin}`]] as const
  const body = { reason: 'a sample', timeScale: 1000 }
  const planned = await deployed.ask({ method: 'POST', path: `${CONTROL_BASE}/plans`, headers, body })
  if (planned.status !== 200) throw new Error(`no plan: ${planned.text}`)
  await putGroup(at.context, { name: 'staff', description: '', members: ['ann'] }, { by: 'ann', reason: 'a sample' })
  const decisionId = await decided(at)
  const made = { ...(await rehearsed(at)), ...(await backedUp(at)), decisionId, runId, alertId }
  return { collection: 'projects', component: 'projects', id: 'a', key: 'migration_mode', kind: 'phase', ...made }
}

/** What the verbs of other areas show is made as their own tests make it. */
async function rehearsed({ context, clock }: Deployed['at']): Promise<{ [parameter: string]: string }> {
  const steps = [{ kind: 'move' as const, to: 'live' as const }]
  await putProcedure(context, { name: 'slowly', for: 'collection', description: '', steps }, MOVER)
  const rollback = { component: 'projects', procedure: 'slowly', cause: { kind: 'operator' } } as const
  const { id: rollbackId } = await rollBackComponent(context, rollback, MOVER)
  await programs['show-program']?.before?.({ context, clock } as Deployed['at'])
  await experiments['show-experiment']?.before?.({ context, clock } as Deployed['at'])
  return { rollbackId }
}

async function backedUp(at: Deployed['at']): Promise<{ [parameter: string]: string }> {
  const { id: checkpointId } = await begin(at, { zeroLoss: true }, 'validate')
  await begin(at, {}, 'back-up')
  await drain(at)
  const { items } = await listBackups(at.context.backups, 'projects', { limit: 1 })
  return { checkpointId, backupId: items[0]?.id ?? 'none' }
}

/** Something was measured and weighed, and came to nothing that matters. */
async function decided(at: Deployed['at']): Promise<string> {
  const series = { component: 'projects', path: 'target', operation: 'read' } as const
  const nothing = { errors: 0, sums: {}, peaks: {}, latencyMs: new Map<number, number>() }
  await at.context.metrics.add(at.clock.now(), [{ ...series, count: 3, ...nothing }])
  at.clock.time += 2_000
  await weighRules(at.context, at.clock.now() + 60_000)
  return (await listDecisions(at.context, { limit: 1 })).items[0]?.id ?? 'none'
}

/** Where one name stands for different things. */
const NAMES: { readonly [verb: string]: string } = {
  'show-flag': 'migration_mode',
  'evaluate-flag': 'migration_mode',
  'show-flag-history': 'migration_mode',
  'show-flag-group': 'staff',
  'show-plan': 'the-week',
  'show-rule': 'latency',
  'show-procedure': 'slowly',
  'show-program': 'shop',
  'show-experiment': 'reads',
  'list-events': 'reads',
}

/** Verbs that read and cannot be asked without more. */
const QUERIES: { readonly [verb: string]: string } = { 'preview-stage-change': '?direction=down' }

/**
 * Verbs that change something are asked with a member that none of them has: who is let in learns that the input is
 * not valid, and the verb is named. Verbs that read are asked in earnest.
 */
export function sampleOf(route: Route, door: Door, furniture: { [parameter: string]: string }): Sample {
  const fill = (path: string, values: { [parameter: string]: string }): string =>
    path.replace(/:(\w+)/g, (_, name: string) => {
      const value = values[name]
      if (value === undefined) throw new Error(missing(route, name))
      return encodeURIComponent(value)
    })
  if (door.kind === 'operators') {
    const { name, readOnly } = door.command
    const asked = QUERIES[name] ?? ''
    if (readOnly) return { path: fill(route.path, { ...furniture, ...named(name) }) + asked, passed: [200] }
    const any = Object.fromEntries([...route.path.matchAll(/:(\w+)/g)].map(([, member = '']) => [member, 'x']))
    const holds = `The input of ${name} is not valid`
    return { path: fill(route.path, any), body: { notAMember: true }, passed: [400], holds }
  }
  const path = fill(route.path, furniture)
  if (door.kind === 'records') return recordSample(route.method, path)
  if (door.kind === 'queue') return { path, body: { runId: furniture.runId, step: 1 }, passed: [] }
  if (door.kind === 'mcp') {
    return { path, body: { jsonrpc: '2.0', id: 1, method: 'tools/list' }, passed: [200], holds: '"get_project"' }
  }
  return { path, passed: [200] }
}

function recordSample(method: string, path: string): Sample {
  if (method === 'PUT') return { path, body: { id: 'a', name: 'Put' }, passed: [200, 201] }
  if (method === 'PATCH') return { path, body: { name: 'Patched' }, passed: [200] }
  if (method === 'DELETE') return { path, passed: [204] }
  return { path, passed: [200] }
}

function named(verb: string): { name?: string } {
  const name = NAMES[verb]
  return name === undefined ? {} : { name }
}

function missing({ method, path }: Route, parameter: string): string {
  return (
    `The matrix cannot ask ${method} ${path} in earnest: it has nothing for {${parameter}}. Make one in furnish() of ` +
    'test/hostile/authorization-samples.ts, or name it in NAMES there if the verb alone uses it.'
  )
}
