import type { Check, CheckpointEntry, Rule } from '../../core/checkpoint/checkpoint.js'
import { says } from '../../core/checkpoint/says.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'
import { readCheck } from './documents.js'
import { checkpointEntries } from './entries.js'

/** What an id names: a check, or a checkpoint of one or by itself (a zero-loss check that was asked for alone). */
export type Found = { is: 'check'; check: Check } | { is: 'checkpoint'; entry: CheckpointEntry }

/** Throws `not-found`. A settled checkpoint is looked for among the newest 10,000 entries. */
export async function findCheckpoint({ ledger }: Pick<EngineContext, 'ledger'>, id: string): Promise<Found> {
  const checkId = id.replace(/\.\d{1,3}$/, '')
  const check = await readCheck(ledger, checkId).catch((error: unknown) => {
    if (error instanceof CutoverError && error.code === 'not-found') return null
    throw error
  })
  if (check !== null && checkId === id) return { is: 'check', check: check.check }
  let before: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, next } = await checkpointEntries(ledger, { before, limit: PAGE })
    const entry = items.find((one) => one.id === id)
    if (entry !== undefined) return { is: 'checkpoint', entry }
    if (next === null) break
    before = next
  }
  if (check?.check.checkpoints.some((one) => one.id === id)) return { is: 'check', check: check.check }
  throw new CutoverError('not-found', 'There is no checkpoint and no check of this id.')
}

/** Why it ended as it did, or what is still open, in sentences; with the rules and numbers that they tell of. */
export async function explanationOf(
  context: Pick<EngineContext, 'ledger'>,
  id: string,
): Promise<{ sentences: string[]; rules: Rule[]; numbers: Json[] }> {
  const found = await findCheckpoint(context, id)
  if (found.is === 'checkpoint') {
    const { entry } = found
    return { sentences: sentencesOf(entry, [entry]), rules: [entry.rule], numbers: [entry.numbers] }
  }
  const { check } = found
  const settled = check.checkpoints.map(({ rule, finding }) => ({ rule, finding }))
  const whole =
    check.outcome === null
      ? 'Not all of it is settled yet.'
      : `Together they are ${check.outcome}: one breach is a breach of all, and all must pass for a pass.`
  return {
    sentences: [asked(check), ...settled.map(({ rule, finding }) => says(rule, finding)), whole],
    rules: settled.map(({ rule }) => rule),
    numbers: settled.map(({ finding }) => finding?.numbers ?? {}),
  }
}

const PAGE = 500
const PAGES_MAX = 20

function sentencesOf(
  of: Pick<CheckpointEntry, 'component' | 'phase' | 'name' | 'by' | 'reason'>,
  entries: readonly CheckpointEntry[],
): string[] {
  return [asked(of), ...entries.map((entry) => says(entry.rule, entry))]
}

function asked({ component, phase, name, by, reason }: Pick<Check, 'component' | 'phase' | 'name' | 'by' | 'reason'>) {
  const list = name === null ? '' : ` by the phase check ${name}`
  const guarded = phase === null ? '' : `, for the phase ${phase}`
  return `${by} asked of ${component}${list}${guarded}: ${reason}.`
}
