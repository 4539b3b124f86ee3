import { CutoverError } from '../../core/error.js'
import type { Measured } from '../../core/metrics/measurement.js'

/**
 * A measurement as the text that a bucket keeps, and that the script of `redis-scripts.ts` adds to:
 * `<count> <errors>|<bin>:<times> ...|<sum>=<value> ...|<peak>=<value> ...`. A tenth of what a hash field for each bin
 * would take, and it is read without those of other series.
 */
export function pack({ count, errors, latencyMs, sums, peaks }: Measured): string {
  const bins = [...latencyMs].map(([bin, times]) => `${bin}:${times}`).join(' ')
  return `${count} ${errors}|${bins}|${named(sums)}|${named(peaks)}`
}

/** Throws `corrupt-document` for what `pack` cannot have made. */
export function unpack(text: string, label: string): Measured {
  const [counts = '', bins = '', sums = '', peaks = '', ...rest] = text.split('|')
  const [count, errors] = counts.split(' ').map(Number)
  const latencyMs = new Map(parts(bins).map((part) => pairOf(part, ':')))
  const measured: Measured = {
    count: count ?? Number.NaN,
    errors: errors ?? Number.NaN,
    sums: Object.fromEntries(parts(sums).map((part) => namedOf(part))),
    peaks: Object.fromEntries(parts(peaks).map((part) => namedOf(part))),
    latencyMs,
  }
  const numbers = [measured.count, measured.errors, ...latencyMs.keys(), ...latencyMs.values()]
  const values = [...Object.values(measured.sums), ...Object.values(measured.peaks)]
  if (rest.length === 0 && numbers.every(Number.isSafeInteger) && values.every(Number.isFinite)) return measured
  throw new CutoverError('corrupt-document', `What ${label} holds under one of its keys was not written by cutover.`, {
    details: { metrics: label },
  })
}

function named(values: { [name: string]: number }): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

function parts(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}

function pairOf(part: string, by: string): [number, number] {
  const at = part.indexOf(by)
  return [Number(part.slice(0, at)), Number(part.slice(at + 1))]
}

function namedOf(part: string): [string, number] {
  const at = part.indexOf('=')
  return [part.slice(0, at), Number(part.slice(at + 1))]
}
