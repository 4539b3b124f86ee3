import type { Move } from '../../lib/core/transition.js'
import type { Client } from './chain.js'
import type { Deed } from './desk.js'
import type { Write } from './monitor.js'

export const up: Move = { direction: 'up' }
export const down: Move = { direction: 'down' }
export const backToDualwrite: Deed = { direction: 'down', to: 'dualwrite' }
export const toRampdown: Deed = { direction: 'up', to: 'rampdown' }

export const TO: { [stage: string]: readonly Deed[] } = {
  off: [],
  dualwrite: [up],
  shadow: [up, up],
  full: [up, up, 'pass'],
  live: [up, up, 'pass', up],
  rampdown: [up, up, 'pass', up, up],
  complete: [up, up, 'pass', up, up, up],
}

/** From which stage, and what an operator does there. */
export type Moves = readonly (readonly [from: string, deeds: readonly Deed[]])[]

export function to(stage: string): readonly Deed[] {
  const deeds = TO[stage]
  if (deeds === undefined) throw new Error(`There is no way to ${stage}.`)
  return deeds
}

export function read(name: string, ...after: (string | number)[]): Client {
  return { name, id: 'k', act: 'read', after }
}

export function put(name: string, ...after: (string | number)[]): Client {
  return write(name, { change: { put: name }, only: null }, ...after)
}

export function write(name: string, act: Write, ...after: (string | number)[]): Client {
  return { name, id: 'k', act, after }
}

export const remove: Write = { change: 'delete', only: null }
export const create: Write = { change: { put: 'created' }, only: 'absent' }
export const replace: Write = { change: { put: 'replaced' }, only: { is: 'old' } }

export const one = { mishaps: 1, strays: 1 }

export const other: Write = { change: { put: 'other' }, only: { is: 'old' } }

export const adding = (name: string): Client => write(name, { change: { add: name }, only: null })

export function nameOf(deed: Deed): string {
  if (typeof deed === 'string') return deed
  if (!('direction' in deed)) return `pass around ${deed.passAround.map(nameOf).join(' and ')}`
  const share = deed.rolloutPercent === undefined ? '' : ` ${deed.rolloutPercent} %`
  return `${deed.direction}${deed.to === undefined ? '' : ` to ${deed.to}`}${share}`
}
