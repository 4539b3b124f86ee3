import * as z from 'zod'
import type { Cause } from '../../../core/compare/causes.js'
import { consistencyInWords, type Validated } from '../../../core/compare/consistency.js'
import { progressOf, type Run } from '../../../core/run.js'
import type { Sampled } from '../../../engine/metrics/sampled.js'
import type { Consistency } from '../../../engine/validate/consistency.js'
import type { ZeroLoss } from '../../../engine/validate/zero-loss.js'
import { timeOf } from '../../alert-shape.js'
import { stageShape } from '../../shapes.js'

const count = z.number().int()
const perSecond = z.number().nullable().describe('Records a second')
const text = z.string().nullable().describe('Type and size, never the value; null: nothing at this side')

const causeShape = z.object({
  cause: z.enum([
    'missing-at-target',
    'extra-at-target',
    'values-differ',
    'target-behind',
    'source-behind',
    'version-names-two-values',
    'damaged-at-target',
    'undecided',
    'other',
  ]),
  paths: z.array(z.string()).describe('Where values of one version differ; at most 8'),
  inWords: z.string(),
  count,
  repaired: count.describe('The validation has brought as many of them together'),
  examples: z
    .array(
      z.object({
        id: z.string(),
        sourceVersion: count.describe('0: no copy and no tombstone'),
        targetVersion: count,
        repaired: z.boolean(),
        fields: z.array(z.object({ path: z.string(), source: text, target: text })),
        more: z.boolean().describe('There are more fields than are listed'),
      }),
    )
    .describe('At most 3, those first that were not repaired'),
})

export const consistencyShape = z.object({
  collection: z.string(),
  inWords: z.string(),
  latest: z
    .object({
      runId: z.string(),
      status: z.enum(['succeeded', 'failed', 'cancelled']),
      startedAt: z.string(),
      endedAt: z.string(),
      startedBy: z.string(),
      complete: z.boolean().describe('Everything that either store lists was compared'),
      checked: count,
      mismatched: count,
      missing: count.nullable().describe('Mismatched: missing at the target; null: not counted then'),
      extra: count.describe('Mismatched: missing at the source'),
      repaired: count,
      undecided: count.describe('Of those checked, could not be judged'),
      perSecond,
    })
    .nullable()
    .describe('The latest validation that has ended; null: there was none'),
  running: z
    .object({
      runId: z.string(),
      status: z.enum(['running', 'paused']),
      done: count,
      total: count.nullable(),
      mismatched: count.describe('So far'),
      perSecond,
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  sampled: z
    .object({ checked: count, mismatched: count, undecided: count, windowMinutes: count })
    .nullable()
    .describe('Reads that were compared while they were served; null: none'),
  zeroLoss: z
    .object({
      proved: z.boolean(),
      inWords: z.string(),
      because: z.array(z.string()),
      stage: stageShape,
      epoch: count.describe('Then; another one now says that the stage has changed since'),
      records: count,
      runId: z.string(),
      at: z.string(),
    })
    .nullable()
    .describe('The latest zero-loss check; null: there was none'),
  causes: z.array(causeShape).describe('Why records differed at the latest validation'),
  more: z.boolean().describe('More records differed than the causes were told from'),
  passedSince: z
    .object({ runId: z.string(), endedAt: z.string(), inWords: z.string() })
    .nullable()
    .describe('A back-fill that began after the latest validation and has succeeded'),
})

type Shown = z.input<typeof consistencyShape>

/** How the stores of a collection agree, as operators see it; without any value. */
export function shownConsistency(
  { collection, latest, running, causes, more, passedSince, zeroLoss }: Consistency,
  sampled: (Sampled & { windowMinutes: number }) | null,
): Shown {
  return {
    collection: collection.name,
    inWords: consistencyInWords(latest, running),
    latest: latest === null ? null : shownLatest(latest),
    running: running === null ? null : shownRunning(running),
    sampled,
    zeroLoss: zeroLoss === null ? null : shownZeroLoss(zeroLoss),
    causes: causes.map(shownCause),
    more,
    passedSince: passedSince === null ? null : shownPass(passedSince),
  }
}

function shownLatest({ run, ...found }: Validated): Shown['latest'] {
  const { id, status, createdAt, endedAt, by } = run
  if (status === 'running' || status === 'paused') return null
  return {
    runId: id,
    status,
    startedAt: timeOf(createdAt),
    endedAt: timeOf(endedAt ?? createdAt),
    startedBy: by,
    ...found,
    perSecond: progressOf(run).perSecond,
  }
}

function shownRunning(run: Run): Shown['running'] {
  const { id, status, counters } = run
  const { done, total, perSecond: rate, secondsLeft } = progressOf(run)
  const { mismatched = 0 } = counters
  return {
    runId: id,
    status: status === 'paused' ? status : 'running',
    done,
    total,
    mismatched,
    perSecond: rate,
    secondsLeft,
  }
}

function shownZeroLoss({ proved, because, stage, epoch, records, runId, checkedAt }: ZeroLoss): Shown['zeroLoss'] {
  const copies = `${records.toLocaleString('en-US')} ${records === 1 ? 'copy' : 'copies'}`
  const inWords = proved ? `Proved in ${stage} for ${copies}, deletions too.` : `Not proved. ${because.join(' ')}`
  return { proved, inWords, because, stage, epoch, records, runId, at: timeOf(checkedAt) }
}

function shownCause({ paths, examples, ...cause }: Cause): Shown['causes'][number] {
  return { ...cause, paths: [...paths], examples: [...examples] }
}

function shownPass({ id, endedAt, createdAt }: Run): Shown['passedSince'] {
  const inWords = 'A back-fill has succeeded since and may have mended some; validate again to see what is left.'
  return { runId: id, endedAt: timeOf(endedAt ?? createdAt), inWords }
}
