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

const PAGE = 200
const PAGES_MAX = 50
const ATTEMPTS_MAX = 5

/** Newest first. */
export async function listAlerts({ ledger }: Pick<EngineContext, 'ledger'>, limit: number): Promise<Alert[]> {
  const found: Alert[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.list(KEPT, after, PAGE)
    found.push(...items.map(({ value }) => value as unknown as Alert))
    after = items.at(-1)?.key ?? null
    if (end || after === null) break
  }
  return found.sort((a, b) => b.at - a.at).slice(0, limit)
}

export async function acknowledgeAlert(
  { ledger }: Pick<EngineContext, 'ledger'>,
  id: string,
  by: string,
): Promise<Alert> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await ledger.read(KEPT + id)
    if (held === null) throw new CutoverError('not-found', `There is no alert ${JSON.stringify(id)}.`)
    const alert: Alert = { ...(held.value as unknown as Alert), acknowledgedBy: by }
    const change = { key: KEPT + id, ifRevision: held.revision, value: alert as unknown as Json }
    if ((await ledger.commit([change])).kind === 'committed') return alert
  }
  throw new CutoverError('contended', `The alert ${id} is acknowledged by too many at once. Try again.`)
}
