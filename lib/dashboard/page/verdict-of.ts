import type { CollectionState, DashboardState, Part } from '../state.js'
import { shownCount, shownPercent, shownSeconds } from './format.js'
import type { Tone } from './panel.js'
import { shownAge } from './time.js'

/**
 * The three answers that an operator looks for first, each a tone, a line and what it rests on. What could not be read
 * never counts as good news: it makes an answer unknown, and says so.
 */
export interface Verdict {
  happening: Answer
  safe: Answer
  back: Answer
}

export interface Answer {
  tone: Tone
  /** One line. */
  line: string
  more: string[]
}

export function verdictOf(state: DashboardState): Verdict {
  return { happening: happening(state), safe: safe(state), back: back(state) }
}

function happening({ emergencyStop, collections, runs, plans, programs }: DashboardState): Answer {
  if (emergencyStop?.kind === 'stopped') {
    const { by, reason } = emergencyStop
    return { tone: 'bad', line: `Everything was stopped by ${by}.`, more: [reason] }
  }
  if (collections === null)
    return { tone: 'warn', line: 'Where the collections stand is not known just now.', more: [] }
  const active = runs ?? []
  const waits = [...(plans ?? []), ...(programs ?? [])].flatMap((one) => waitingLine(one))
  const tone = active.length > 0 ? 'busy' : 'quiet'
  const flows = grouped(collections, flowInWords).map(([flow, names]) => `${listed(names)}: ${flow}.`)
  return { tone, line: standings(collections), more: [...active.map(runLine), ...waits, ...flows] }
}

/** `projects and resources are at live.` */
function standings(collections: readonly CollectionState[]): string {
  if (collections.length === 0) return 'No collection is declared.'
  const places = grouped(collections, placeInWords)
  return places.map(([place, names]) => `${listed(names)} ${names.length === 1 ? 'is' : 'are'} ${place}.`).join(' ')
}

/** Those of which the same is to be said are named together. */
function grouped(
  collections: readonly CollectionState[],
  words: (one: CollectionState) => string,
): [words: string, names: string[]][] {
  const groups = new Map<string, string[]>()
  for (const one of collections) groups.set(words(one), [...(groups.get(words(one)) ?? []), one.collection])
  return [...groups]
}

function flowInWords({ serving: { reads, writes } }: CollectionState): string {
  return `${reads.inWords}; ${writes.inWords}`
}

function placeInWords({ stage, rolloutPercent, cleanedUp, settling }: CollectionState): string {
  if (cleanedUp) return 'moved for good'
  const share = rolloutPercent < 100 ? ` for ${shownPercent(rolloutPercent)}` : ''
  return `at ${stage}${share}${settling ? ', and settling' : ''}`
}

function runLine({ kind, collection, status, progress }: Part<'runs'>[number]): string {
  const { done, total, secondsLeft } = progress
  const far =
    total === null || total === 0
      ? `${shownCount(done)} done`
      : `${shownPercent((100 * Math.min(done, total)) / total)} done`
  const left = secondsLeft === null ? '' : `, about ${shownSeconds(secondsLeft)} left`
  return `${kind} of ${collection}: ${status === 'paused' ? `paused, ${far}` : `${far}${left}`}`
}

function waitingLine(one: { name: string; status: string; waiting: { inWords: string } | null }): string[] {
  return one.waiting === null ? [] : [`${one.name} (${one.status}) waits: ${one.waiting.inWords}`]
}

/** The gravest of what speaks against it; where nothing does, what speaks for it. */
function safe(state: DashboardState): Answer {
  const against = once([...grave(state), ...doubtful(state)])
  const [first, ...more] = against
  if (first !== undefined) {
    const { tone } = first
    return {
      tone,
      line: tone === 'bad' ? `No. ${first.line}` : `Look at this: ${first.line}`,
      more: more.map(({ line }) => line),
    }
  }
  const [compared, isKnown] = evidence(state)
  // The others were objections.
  const told = openAlerts(state.alerts, 'info').length > 0 ? 'No alert above info' : 'No alert'
  const reached = `${told} is open, and both stores answer.`
  return {
    tone: isKnown ? 'good' : 'quiet',
    line: isKnown ? `Yes. ${reached}` : `Nothing speaks against it. ${reached}`,
    more: compared,
  }
}

/** What an alert says and health repeats is said once, where it is gravest. */
function once(objections: readonly Objection[]): Objection[] {
  return objections.filter(({ line }, index) => objections.findIndex((one) => one.line === line) === index)
}

interface Objection {
  tone: 'bad' | 'warn'
  line: string
}

function grave({ emergencyStop, collections, consistency, alerts }: DashboardState): Objection[] {
  const found: string[] = []
  if (emergencyStop?.kind === 'stopped')
    found.push('An emergency stop is in force: nothing advances until it is lifted.')
  for (const { collection, serving } of collections ?? []) {
    const { reads, writes } = serving
    if (reads.failingPercent > 0) found.push(`${shownPercent(reads.failingPercent)} of reads of ${collection} fail.`)
    if (writes.failingPercent > 0) found.push(`${shownPercent(writes.failingPercent)} of writes to ${collection} fail.`)
  }
  for (const { collection, latest } of consistency ?? []) {
    const left = latest === null ? 0 : latest.mismatched - latest.repaired
    if (left > 0)
      found.push(`${records(left)} of ${collection} ${left === 1 ? 'differs' : 'differ'} between the stores.`)
  }
  found.push(...openAlerts(alerts, 'critical'))
  return found.map((line) => ({ tone: 'bad', line }))
}

function doubtful({ collections, alerts, monitor, health, missing }: DashboardState): Objection[] {
  const found = [...openAlerts(alerts, 'warning')]
  for (const { collection, source, target } of collections ?? []) {
    if (!source.reachable) found.push(`The source of ${collection} does not answer.`)
    if (!target.reachable) found.push(`The target of ${collection} does not answer.`)
  }
  for (const { component, rules } of monitor ?? []) {
    for (const { rule, armed, status } of rules) {
      if (armed && status === 'breached') found.push(`The rule ${rule} of ${component} is breached.`)
    }
  }
  if (missing.length > 0) found.push(`${unreadInWords(missing)} could not be read just now.`)
  if (found.length === 0 && health?.healthy === false) found.push(...health.issues)
  return found.map((line) => ({ tone: 'warn', line }))
}

const PARTS_NAMED_MAX = 4

/** `alerts and emergency stop`; of many only how many, for then it is all the same which. */
function unreadInWords(missing: DashboardState['missing']): string {
  if (missing.length > PARTS_NAMED_MAX) return `${missing.length} parts of this page`
  return listed(missing.map(({ part }) => part.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)))
}

function openAlerts(alerts: DashboardState['alerts'], severity: string): string[] {
  const open = (alerts?.items ?? []).filter((one) => one.status !== 'resolved' && one.severity === severity)
  return open.map(({ message }) => message)
}

/** What was compared, collection by collection; known only where each that has begun was compared, without a doubt. */
function evidence({ at, collections, consistency }: DashboardState): [lines: string[], isKnown: boolean] {
  const begun = (collections ?? []).filter(({ stage, cleanedUp }) => stage !== 'off' && !cleanedUp)
  if (begun.length === 0) return [['Nothing has left its source.'], collections !== null]
  const lines = begun.map(({ collection }) => {
    const found = consistency?.find((one) => one.collection === collection)
    const latest = found?.latest ?? null
    const when = latest === null ? '' : ` (${shownAge(Date.parse(at) - Date.parse(latest.endedAt))})`
    const line = `${collection}: ${found?.inWords ?? 'whether its stores agree could not be read.'}${when}`
    return { line, isKnown: latest?.complete === true && latest.checked > 0 && latest.undecided === 0 }
  })
  return [lines.map(({ line }) => line), lines.every(({ isKnown }) => isKnown)]
}

function back({ collections, rollbacks }: DashboardState): Answer {
  if (collections === null) return { tone: 'warn', line: 'How far the way back is is not known just now.', more: [] }
  const underWay = (rollbacks?.items ?? []).filter(({ status }) => status === 'under-way')
  if (underWay.length > 0) {
    const more = underWay.map(({ component, inWords }) => `${component}: ${inWords}`)
    return { tone: 'busy', line: 'It is going back now.', more }
  }
  const begun = collections.filter(({ stage }) => stage !== 'off')
  if (begun.length === 0) return { tone: 'quiet', line: 'There is nothing to go back from.', more: [] }
  const far = begun.filter(({ rollbackReadiness }) => rollbackReadiness.kind !== 'instant')
  if (far.length === 0)
    return {
      tone: 'good',
      line: `At once: one act takes ${listed(begun.map((one) => one.collection))} back.`,
      more: [],
    }
  const more = begun.map(({ collection, rollbackReadiness }) => `${collection}: ${rollbackReadiness.inWords}`)
  const isLost = far.some(({ rollbackReadiness }) => rollbackReadiness.kind === 'impossible')
  return {
    tone: isLost ? 'warn' : 'quiet',
    line: isLost ? 'Not all the way.' : 'After records are brought back.',
    more,
  }
}

/** `a`, `a and b`, `a, b and c`. */
function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function records(count: number): string {
  return `${shownCount(count)} ${count === 1 ? 'record' : 'records'}`
}
