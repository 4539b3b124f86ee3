import type { CheckpointFinding } from '../../core/checkpoint/checkpoint.js'
import { type Draw, drawFrom } from '../../core/checkpoint/draw.js'
import { badAtMost, sampleSizeFor } from '../../core/checkpoint/hypergeometric.js'
import { weighSample } from '../../core/checkpoint/weigh-records.js'
import { visibleValue } from '../../core/copy.js'
import type { Json } from '../../core/json.js'
import { isFree } from '../../core/run.js'
import { locate, partitionStates } from '../data-plane/partition.js'
import { examine } from '../validate/examine.js'
import { readSights } from '../validate/listing.js'
import { finished, isFinished, lookAt, type Sight } from '../validate/sight.js'
import type { Part, PartContext, Stepped } from './part.js'

/**
 * Data consistency by a random sample.
 *
 * What it is: both stores are listed side by side once; every id under which either of them shows a record is in the
 * frame, so a record that is missing on one side is as likely to be chosen as any other, in both directions. The chosen
 * ones are compared as validations compare, with second looks, so that a write under way is no difference. What it is
 * not: a look at every record; what it has not looked at it only bounds. What can go wrong: a record that comes into
 * being behind the listing's position is not in the frame. What cannot: the choice does not depend on what records hold
 * or on which store has them.
 */
export const samplePart: Part<'data-consistency'> = async (parts, rule, work) => {
  const { salt, ...begun } = work === null ? first(parts) : (work as unknown as Work)
  if (begun.step === 'list') return list(parts, rule.sampleSize, { salt, ...begun }, rule)
  const compared = await compare(parts, { salt, ...begun })
  const { left, records, ...after } = compared
  if (left.length > 0) {
    const next: Comparing = { salt, step: 'compare', ids: left, ...after }
    return { kind: 'more', work: next as unknown as Json, records, bytes: 0 }
  }
  const finding = weighSample({ ...after, compared: after.compared, wanted: after.wanted }, rule)
  return { kind: 'found', finding: withSalt(finding, salt), records }
}

type Work = Listing | Comparing

interface Listing {
  salt: string
  step: 'list'
  after: string | null
  frame: number
  chosen: Draw['chosen']
  /** Pages of which the target's listing could not be read. */
  unlisted: number
}

interface Comparing extends Counts {
  salt: string
  step: 'compare'
  ids: string[]
}

interface Counts {
  frame: number
  wanted: number
  compared: number
  differing: number
  inconclusive: number
  unlisted: number
  examples: Json[]
}

function first({ context }: PartContext): Listing {
  return { salt: context.clock.id(), step: 'list', after: null, frame: 0, chosen: [], unlisted: 0 }
}

/** Listing costs two accesses a page: pages are read for this long, or one if the run is to keep out of the way. */
const LISTING_MS = 400
const PAGE_MIN = 100
const PAGES_MAX = 1_000

async function list(
  { context, collection, run, limit }: PartContext,
  size: number,
  begun: Listing,
  rule: Parameters<Part<'data-consistency'>>[1],
): Promise<Stepped> {
  const states = partitionStates(collection)
  const until = context.clock.monotonic() + LISTING_MS
  let { after, frame, unlisted } = begun
  let draw: Draw = { salt: begun.salt, chosen: begun.chosen }
  let read = 0
  for (let pages = 0; pages < PAGES_MAX; pages++) {
    const page = await readSights(collection, states, { after, until: null }, Math.max(limit, PAGE_MIN))
    if (isFinished(states)) throw finished(collection)
    const ids = page.sights.filter(isShown).map(({ id }) => id)
    draw = drawFrom(draw, ids, size)
    frame += ids.length
    read += page.sights.length
    unlisted += page.unlisted ? 1 : 0
    after = page.after
    if (after === null || !isFree(run) || context.clock.monotonic() >= until) break
  }
  const listed: Listing = { ...begun, after, frame, unlisted, chosen: draw.chosen }
  if (after !== null) return { kind: 'more', work: listed as unknown as Json, records: read, bytes: 0 }
  const chosen = draw.chosen.slice(0, neededOf(rule, frame)).map(([, , id]) => id)
  const none = { compared: 0, differing: 0, inconclusive: 0, examples: [] }
  const next: Comparing = {
    ...{ salt: begun.salt, step: 'compare', ids: chosen, wanted: chosen.length, frame, unlisted },
    ...none,
  }
  return { kind: 'more', work: next as unknown as Json, records: read, bytes: 0 }
}

/** As many as the bound takes, where one is asked for, and no more than were asked for. */
function neededOf({ sampleSize, boundShare, confidence }: Parameters<Part<'data-consistency'>>[1], frame: number) {
  if (boundShare === null) return sampleSize
  const badMax = Math.floor(boundShare * frame)
  const enough = sampleSizeFor(frame, badMax, confidence)
  const bound = badAtMost({ population: frame, sample: Math.min(enough, sampleSize), found: 0 }, confidence)
  return bound <= badMax ? enough : sampleSize
}

/** Under this id a store shows a record, or something that should be one. */
function isShown({ look }: Sight): boolean {
  return visibleValue(look.source) !== null || visibleValue(look.target) !== null || look.targetDamaged === true
}

const EXAMPLES_MAX = 20

async function compare(
  { context, collection, limit }: PartContext,
  { ids, ...counts }: Comparing,
): Promise<Counts & { left: string[]; records: number }> {
  const some = ids.slice(0, limit)
  const states = partitionStates(collection)
  const examining = { clock: context.clock, diff: { hideValues: true }, help: true }
  const located = some.map((id) => ({ id, state: locate(collection, states, id).state }))
  const examined = await examine(examining, await lookAt(located))
  const found = examined.flatMap(({ id, verdict }): Json[] => {
    if (verdict.kind !== 'mismatch') return []
    return [{ id, reason: verdict.reason, paths: verdict.differences.map(({ path }) => path) }]
  })
  const { frame, wanted, unlisted } = counts
  return {
    ...{ frame, wanted, unlisted },
    compared: counts.compared + some.length,
    differing: counts.differing + found.length,
    inconclusive: counts.inconclusive + examined.filter(({ verdict }) => verdict.kind === 'inconclusive').length,
    examples: [...counts.examples, ...found].slice(0, EXAMPLES_MAX),
    left: ids.slice(limit),
    records: some.length,
  }
}

/** The salt tells later how the sample was drawn: with it and the ids the choice can be worked out again. */
function withSalt(finding: CheckpointFinding, salt: string): CheckpointFinding {
  return { ...finding, numbers: { ...finding.numbers, salt } }
}
