import { effectOf, fresh, get, Missing, type Pen, reach, spend, type Visit } from './pen.js'
import { goesOn } from './process-steps.js'
import { AT, type Layout, LOST, type Whole } from './whole.js'

/** Visits all successors of a state; a promise where they cannot be told yet: then ask again after it. */
export type Successors = (row: Int32Array, visit: Visit) => Promise<unknown> | null

export function successorsOf(whole: Whole, layout: Layout): Successors {
  const next = new Int32Array(layout.width)
  const pen: Pen = { whole, layout, row: next, next, visit: () => {}, sound: new Map() }
  return (row, visit) => {
    pen.row = row
    pen.visit = visit
    try {
      whole.processes.forEach((process, index) => {
        goesOn(pen, process, index)
      })
      strayArrives(pen)
      clocksJump(pen)
      targetIsSetBack(pen)
      return null
    } catch (error) {
      if (error instanceof Missing) return error.promise
      throw error
    }
  }
}

/** A request that went astray comes to its store after all. */
function strayArrives(pen: Pen): void {
  const { layout, row, whole } = pen
  let last = 0
  for (let at = layout.strays; at < layout.width; at++) {
    const stray = get(row, at)
    if (stray === 0 || stray === last) continue
    last = stray
    const { store, outcome } = effectOf(pen, stray - 1)
    const next = fresh(pen)
    next[AT[store]] = outcome.state
    next[at] = 0
    next.subarray(layout.strays).sort()
    reach(pen, () => `a stray arrives: ${whole.requestOf(stray - 1).key}`)
  }
}

function clocksJump(pen: Pen): void {
  if (get(pen.row, AT.jumps) === 0) return
  const next = fresh(pen)
  spend(next, AT.jumps)
  next[AT.time] = get(pen.row, AT.time) + 1
  reach(pen, () => 'the clocks of the stores jump past the lateness limit')
}

/** Its replica stops following at some moment, and at a later one takes its place. */
function targetIsSetBack(pen: Pen): void {
  const backup = get(pen.row, AT.backup)
  const target = get(pen.row, AT.target)
  if (backup === LOST || backup === target + 1) return
  if (backup !== 0 && !pen.whole.source.survivesLoss(get(pen.row, AT.source))) return
  const next = fresh(pen)
  next[AT.backup] = backup === 0 ? target + 1 : LOST
  if (backup !== 0) next[AT.target] = backup - 1
  reach(pen, () =>
    backup === 0 ? 'the replica of the target stops following' : 'the target is set back to its replica',
  )
}
