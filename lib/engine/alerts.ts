import type { Alert } from '../core/alert.js'
import { CutoverError } from '../core/error.js'
import type { Json } from '../core/json.js'
import type { EngineContext } from './context.js'

const KEPT = 'alert/'

/** Keeps an alert and tells people of it; the same one (by its id) is kept and told once. */
export async function raiseAlert(
  { ledger, notify, background }: Pick<EngineContext, 'ledger' | 'notify' | 'background'>,
  alert: Alert,
): Promise<'raised' | 'known'> {
  const answer = await ledger.commit(
    [{ key: KEPT + alert.id, ifRevision: null, value: alert as unknown as Json }],
    [{ stream: 'alerts', value: alert as unknown as Json, keep: 10_000 }],
  )
  if (answer.kind === 'conflict') return 'known'
  if (notify !== undefined) background(notify(alert))
  return 'raised'
}

export async function listAlerts({ ledger }: Pick<EngineContext, 'ledger'>, limit: number): Promise<Alert[]> {
  const { items } = await ledger.list(KEPT, null, limit)
  return items.map(({ value }) => value as unknown as Alert).sort((a, b) => b.at - a.at)
}

export async function acknowledgeAlert(
  { ledger }: Pick<EngineContext, 'ledger'>,
  id: string,
  by: string,
): Promise<Alert> {
  const held = await ledger.read(KEPT + id)
  if (held === null) throw new CutoverError('not-found', `There is no alert ${JSON.stringify(id)}.`)
  const alert: Alert = { ...(held.value as unknown as Alert), acknowledgedBy: by }
  await ledger.commit([{ key: KEPT + id, ifRevision: held.revision, value: alert as unknown as Json }])
  return alert
}
