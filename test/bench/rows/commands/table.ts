import type { Stage } from '../../../../lib/core/stage.js'
import type { Cost } from '../../parts/trace.js'

export const OPERATIONS = ['read', 'list of a page', 'put', 'put with If-Match', 'patch', 'delete'] as const
export type OperationName = (typeof OPERATIONS)[number]

/**
 * What the protocol needs, and nothing more. A read is one access of the store that the stage names. A write is a read
 * and a conditional write of the document (source), or one script (target), or both one after the other (strict).
 *
 * A patch and a delete begin with a read of the record where the target numbers, for they have to judge it; in shadow
 * every condition is judged on the source's copy before the target is asked. A page of the target is two ranges of ids,
 * in one request, and one MGET of its records.
 */
export const TABLE: { [stage in Stage]: { [operation in OperationName]: Cost } } = {
  off: allOf(cost(1, 'G'), cost(1, 'G'), cost(2, 'GP')),
  dualwrite: allOf(cost(1, 'G'), cost(1, 'G'), cost(2, 'GP', 'e')),
  shadow: { ...allOf(cost(1, 'G'), cost(1, 'G'), cost(3, 'GeP', 'e')), put: cost(2, 'GeP', 'e') },
  live: {
    ...allOf(cost(1, 'm'), page(), cost(2, 'GeP', 'e')),
    patch: cost(3, 'mGeP', 'e'),
    delete: cost(3, 'mGeP', 'e'),
  },
  rampdown: {
    ...allOf(cost(1, 'm'), page(), cost(1, 'e', 'GPe')),
    patch: cost(2, 'me', 'GPe'),
    delete: cost(2, 'me', 'GPe'),
  },
  complete: { ...allOf(cost(1, 'm'), page(), cost(1, 'e')), patch: cost(2, 'me'), delete: cost(2, 'me') },
}

/** How a row of the table is shown. */
export function shown({ trips, before, after }: Cost): string {
  const part = ({ commands, gets, puts }: Cost['before']): string => {
    const parts = [
      commands === 0 ? '' : `${commands} command${commands === 1 ? '' : 's'}`,
      gets === 0 ? '' : gets === 1 ? 'GET' : `${gets} GET`,
      puts === 0 ? '' : puts === 1 ? 'PUT' : `${puts} PUT`,
    ]
    return parts.filter((text) => text !== '').join(' + ')
  }
  const later = part(after)
  return `${trips} trip${trips === 1 ? '' : 's'}: ${part(before)}${later === '' ? '' : `; after it ${later}`}`
}

/** The same commands and requests to Redis; trips, and requests to the source, no more than that. */
export function isWithin(ours: Cost, table: Cost): boolean {
  const fits = (one: Cost['before'], other: Cost['before']): boolean =>
    one.commands === other.commands &&
    one.requests === other.requests &&
    one.gets <= other.gets &&
    one.puts <= other.puts
  return ours.trips <= table.trips && fits(ours.before, table.before) && fits(ours.after, table.after)
}

function allOf(read: Cost, list: Cost, write: Cost): { [operation in OperationName]: Cost } {
  return { read, 'list of a page': list, put: write, 'put with If-Match': write, patch: write, delete: write }
}

/** `G` and `P`: GET and PUT of the document; `m`: an MGET; `e`: a script. */
function cost(trips: number, before: string, after = ''): Cost {
  const spent = (text: string): Cost['before'] => {
    const count = (letters: string): number => [...text].filter((letter) => letters.includes(letter)).length
    return { commands: count('me'), requests: count('me'), gets: count('G'), puts: count('P') }
  }
  return { trips, before: spent(before), after: spent(after) }
}

function page(): Cost {
  const none = { commands: 0, requests: 0, gets: 0, puts: 0 }
  return { trips: 2, before: { ...none, commands: 3, requests: 2 }, after: none }
}
