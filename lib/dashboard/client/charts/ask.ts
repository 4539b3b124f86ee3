import { useEffect, useRef, useState } from 'preact/hooks'
import type { Part } from '../../state.js'
import { type Answer, read } from '../read.js'
import { type Mark, marksOf } from './marks.js'
import { operationsOf, type Plotted, plottedOf, refreshMsOf, type SeriesAnswer, type TotalsAnswer } from './series.js'

/** What the charts are about. */
export interface Asked {
  component: string
  paths: readonly string[]
  /** `null`: the one that happens most. */
  operation: string | null
  minutes: number
}

export type Found =
  | { kind: 'loading' }
  | { kind: 'failed'; because: string; signedOut: boolean }
  | { kind: 'found'; of: Asked; operation: string | null; operations: Operations; plotted: Plotted; marks: Mark[] }

export interface Performance {
  found: Found
  /** Something else was asked for than what was found, and is on its way. */
  busy: boolean
  /** Why what is shown is older than it should be. */
  fault: string | null
  /** Asks at once. */
  again(): void
}

type Operations = { operation: string; count: number }[]

/** Asks again for as long as it is looked at. `news` changes when the audit trail does: there may be a stage change. */
export function usePerformance(asked: Asked, looking: boolean, news: string): Performance {
  const [found, find] = useState<Found>({ kind: 'loading' })
  const [fault, faulty] = useState<string | null>(null)
  const [round, next] = useState(0)
  const kept = useRef<Kept | null>(null)
  const key = JSON.stringify(asked)

  // `key` is what was asked; `round` and `news` ask again
  useEffect(() => {
    if (!looking) return
    const gone = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const ask = async (): Promise<void> => {
      const answer = await performanceOf(asked, news, kept, gone.signal)
      if (gone.signal.aborted) return
      const failed = answer.kind === 'failed' ? answer : null
      faulty(failed?.because ?? null)
      find((before) => (failed !== null && before.kind === 'found' && isOf(before, key) ? before : answer))
      if (failed?.signedOut === true) return // the page says so, and asks for the token
      timer = setTimeout(ask, refreshMsOf(answer.kind === 'found' ? answer.plotted.stepMs : null))
    }
    ask()
    return () => {
      gone.abort()
      clearTimeout(timer)
    }
  }, [key, looking, round, news])

  return { found, busy: found.kind === 'found' && !isOf(found, key), fault, again: () => next((count) => count + 1) }
}

function isOf(found: Extract<Found, { kind: 'found' }>, key: string): boolean {
  return JSON.stringify(found.of) === key
}

/** What need not be asked for every time. */
interface Kept {
  key: string
  /** Wall-clock milliseconds. */
  at: number
  operations: Operations
  news: string
  marks: Mark[]
}

const KEPT_MS_MAX = 60_000

async function performanceOf(asked: Asked, news: string, kept: { current: Kept | null }, signal: AbortSignal) {
  const { component, minutes: windowMinutes, paths } = asked
  const [key, now] = [JSON.stringify(asked), Date.now()]
  const known = kept.current?.key === key && now - kept.current.at < KEPT_MS_MAX ? kept.current : null
  const totals = known === null ? await read<TotalsAnswer>('/metrics', { component, windowMinutes }, signal) : null
  if (totals?.kind === 'failed') return totals
  const operations = known?.operations ?? (totals === null ? [] : operationsOf(totals.value, component))
  const operation = chosen(operations, asked.operation)
  const since = new Date(now - windowMinutes * 60_000).toISOString()
  const query = { component, operation, windowMinutes, points: POINTS }
  const [series, marks] = await Promise.all([
    operation === null && totals !== null
      ? nothingOf(totals.value)
      : read<SeriesAnswer>('/metrics/series', query, signal),
    known?.news === news ? ({ kind: 'read', value: known.marks } as const) : marksSince(component, since, signal),
  ])
  if (series.kind === 'failed') return series
  // Charts without marks would pass for charts of a time in which nothing was changed.
  if (marks.kind === 'failed') return marks
  // While nothing was measured it may begin at any time.
  if (operation === null) kept.current = null
  else kept.current = { key, at: known?.at ?? now, operations, news, marks: marks.value }
  const plotted = plottedOf(series.value, operation ?? '', paths)
  return { kind: 'found' as const, of: asked, operation, operations, plotted, marks: marks.value }
}

function nothingOf({ from, to }: TotalsAnswer): Answer<SeriesAnswer> {
  return { kind: 'read', value: { from, to, stepMs: 0, points: [] } }
}

const POINTS = 120

/** What was asked for, if it happened at all. */
function chosen(operations: Operations, asked: string | null): string | null {
  const named = operations.find(({ operation }) => operation === asked)
  return (named ?? operations.find(({ operation }) => operation !== 'compare') ?? operations[0])?.operation ?? null
}

async function marksSince(collection: string, since: string, signal: AbortSignal): Promise<Answer<Mark[]>> {
  const items: Part<'audit'>['items'] = []
  let before: string | null = null
  for (let page = 0; page < AUDIT_PAGES_MAX; page++) {
    const answer: Answer<Part<'audit'>> = await read('/audit', { collection, since, before, limit: 200 }, signal)
    if (answer.kind === 'failed') return answer
    items.push(...answer.value.items)
    before = answer.value.next
    if (before === null) break
  }
  return { kind: 'read', value: marksOf(items) }
}

const AUDIT_PAGES_MAX = 5
