import { CutoverError } from '../../core/error.js'
import type { Subject } from '../../core/flags/condition.js'
import { isViewName } from '../../core/flags/definition.js'
import type { Evaluation } from '../../core/flags/evaluate.js'
import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { assignCohort } from './cohorts.js'
import { noSuchFlag } from './flags.js'
import { type NamedFlag, readSnapshot } from './kept.js'
import { listFlags, type Flag as View, viewFor } from './stages.js'

/**
 * Flags of both sorts as others are served them: named flags, and the views on collections' stages. A view tells what
 * the stages were a moment ago; reads and writes of records never go by it, but by the fences beside the data.
 */
export interface Served {
  name: string
  value: Json
  variant: string
  reason: Evaluation['reason']
  metadata: { [name: string]: boolean | number | string }
}

export type ServedFault = { name: string; fault: 'no-key' } | { name: string; fault: 'failed'; error: CutoverError }

/** Throws `not-found`, and `unavailable` where the ledger (of a view: a store) does not answer. */
export async function serveFlag(context: EngineContext, name: string, subject: Subject): Promise<Served | ServedFault> {
  if (isViewName(name)) {
    const view = (await recentViews(context)).find((one) => one.name === name)
    if (view === undefined) throw noSuchFlag(name)
    return servedView(context, view, subject.key)
  }
  const flag = (await readSnapshot(context.ledger)).flags.get(name)
  if (flag === undefined) throw noSuchFlag(name)
  return servedNamed(context, flag, subject)
}

/** Every flag. Views whose stores do not answer are left out, and `viewsFault` says why: the others are served. */
export async function serveFlags(context: EngineContext, subject: Subject): Promise<ServedAll> {
  const { flags, revision } = await readSnapshot(context.ledger)
  const named = await sideBySide([...flags.values()], (flag) =>
    servedNamed(context, flag, subject).catch(faultOf(flag)),
  )
  try {
    const views = (await recentViews(context)).map((view) => servedView(context, view, subject.key))
    return { flags: [...named, ...views], revision, viewsFault: null }
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    return { flags: named, revision, viewsFault: error }
  }
}

const recent = new WeakMap<EngineContext, { views: Promise<View[]>; at: number }>()
const VIEWS_MS = 1_000

/** At most a second old: every view asks the fences of all partitions, and many may poll. A failure is not kept. */
function recentViews(context: EngineContext): Promise<View[]> {
  const now = context.clock.monotonic()
  const known = recent.get(context)
  if (known !== undefined && now - known.at < VIEWS_MS) return known.views
  const views = listFlags(context)
  recent.set(context, { views, at: now })
  views.catch(() => recent.delete(context))
  return views
}

export interface ServedAll {
  flags: (Served | ServedFault)[]
  revision: number
  viewsFault: CutoverError | null
}

async function servedNamed(context: EngineContext, flag: NamedFlag, subject: Subject): Promise<Served | ServedFault> {
  const { value, variant, reason, because } = await assignCohort(context, flag, subject)
  if (because === 'no-key') return { name: flag.name, fault: 'no-key' }
  return { name: flag.name, value, variant, reason, metadata: { because, revision: flag.revision } }
}

function servedView(context: EngineContext, view: View, id: string | null): Served | ServedFault {
  const value = viewFor(context, view, id)
  if (value === null) return { name: view.name, fault: 'no-key' }
  const variant = typeof value === 'boolean' ? (value ? 'on' : 'off') : value
  const [only, ...others] = view.because
  const stage =
    only === undefined || others.length > 0 ? {} : { stage: only.stage, rolloutPercent: only.rolloutPercent }
  const reason = typeof view.value === 'number' ? 'SPLIT' : 'STATIC'
  return { name: view.name, value, variant, reason, metadata: { view: true, ...stage } }
}

function faultOf({ name }: NamedFlag): (error: unknown) => ServedFault {
  return (error) => {
    if (!(error instanceof CutoverError)) throw error
    return { name, fault: 'failed', error }
  }
}

/** Where a subject is: as it says itself, or where this runs. */
export function environmentOf(
  { environment }: Pick<EngineContext, 'environment'>,
  attributes: Subject['attributes'],
): string | null {
  const said = Object.hasOwn(attributes, 'environment') ? attributes.environment : undefined
  return typeof said === 'string' ? said : (environment ?? null)
}
