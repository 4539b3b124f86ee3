import type { Subject } from '../../core/flags/condition.js'
import { isViewName } from '../../core/flags/definition.js'
import type { Because } from '../../core/flags/evaluate.js'
import { type Explanation, explainFlag } from '../../core/flags/explain.js'
import type { EngineContext } from '../context.js'
import { cohortOf } from './cohorts.js'
import { noSuchFlag, readNamedFlag } from './flags.js'
import { environmentOf } from './served.js'
import { listFlags, type Flag as View, viewFor } from './stages.js'

/** Why a subject is given what it is given, of either sort of flag. Deals nothing. Throws `not-found`. */
export async function explainServed(context: EngineContext, name: string, given: Subject): Promise<Explained> {
  const subject = { ...given, environment: given.environment ?? environmentOf(context, given.attributes) }
  if (isViewName(name)) {
    const view = (await listFlags(context)).find((one) => one.name === name)
    if (view === undefined) throw noSuchFlag(name)
    return explainView(context, view, subject.key)
  }
  const flag = await readNamedFlag(context, name)
  const dealt = subject.key === null ? null : await cohortOf(context, flag, subject.key)
  const assigned = dealt === null ? {} : { assigned: dealt }
  return { name, ...explainFlag(flag, { ...subject, ...assigned }, context.clock.now()), dealt, stages: [] }
}

export interface Explained extends Omit<Explanation, 'because' | 'variant'> {
  name: string
  variant: string | null
  because: Because | 'stages'
  dealt: string | null
  /** What a view is a view on. */
  stages: View['because']
}

function explainView(context: EngineContext, view: View, id: string | null): Explained {
  const value = viewFor(context, view, id)
  const percent = typeof view.value === 'number' ? view.value : view.value === false ? 0 : 100
  return {
    name: view.name,
    value,
    variant: value === null ? null : String(value),
    reason: value === null ? 'ERROR' : typeof view.value === 'number' ? 'SPLIT' : 'STATIC',
    because: value === null ? 'no-key' : 'stages',
    rule: null,
    bucket: null,
    percent,
    dealt: null,
    rules: [],
    stages: view.because,
  }
}
