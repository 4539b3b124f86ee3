import { type States, statesOf } from './states.js'
import { type Successors, successorsOf } from './successors.js'
import { firstRow, layoutOf, type Whole } from './whole.js'

/**
 * Every order in which the requests of all processes can reach the stores, breadth first, so that the first fault found
 * is one of the shortest. Within the bounds all of this is tried at every step: any process goes on, or waits, or never
 * goes on again (a crash); a request is not answered, with or without its effect, is sent again or given up; it comes
 * once more or later, whenever that is; clocks jump; the target is set back.
 */
export interface Explored {
  states: number
  transitions: number
  /** All states within the bounds were visited, and nothing is wrong with them. */
  complete: boolean
  fault: Fault | null
}

export interface Fault {
  text: string
  /** What happened, from the beginning. */
  steps: string[]
}

export async function explore(whole: Whole, statesMax: number): Promise<Explored> {
  const layout = layoutOf(whole)
  const states = statesOf(layout.width)
  const successors = successorsOf(whole, layout)
  states.add(firstRow(whole, layout), -1)
  const row = new Int32Array(layout.width)
  const found: { text: string; label: string; from: number }[] = []
  let transitions = 0
  let number = 0
  while (number < states.size && found.length === 0 && states.size < statesMax) {
    states.read(number, row)
    const waiting = successors(row, (next, label, fault) => {
      transitions += 1
      if (fault === null) states.add(next, number)
      else found.push({ text: fault, label: label(), from: number })
    })
    if (waiting === null) number += 1
    else await waiting
  }
  const [first] = found
  const fault =
    first === undefined
      ? null
      : { text: first.text, steps: [...stepsTo(states, successors, layout.width, first.from), first.label] }
  return { states: states.size, transitions, complete: fault === null && number === states.size, fault }
}

/** The labels on the way to a state; all that is needed for them has been played before. */
function stepsTo(states: States, successors: Successors, width: number, number: number): string[] {
  const steps: string[] = []
  const [row, goal] = [new Int32Array(width), new Int32Array(width)]
  for (let at = number; states.from(at) >= 0; at = states.from(at)) {
    states.read(at, goal)
    states.read(states.from(at), row)
    let step: string | null = null
    successors(row, (next, label) => {
      if (step === null && next.every((value, place) => value === goal[place])) step = label()
    })
    steps.unshift(step ?? '?')
  }
  return steps
}
