import { ENDED, type Node } from './behaviour.js'
import { effectOf, fresh, get, type Label, type Pen, present, reach, spend } from './pen.js'
import { isRead, mayStray, type Reply, type Request } from './requests.js'
import { AT, freshSight, isSightAt, LOST, type Process } from './whole.js'

/** All that can happen next to the request that a process waits for. */
export function goesOn(pen: Pen, process: Process, index: number): void {
  const place = get(pen.row, pen.layout.process + index)
  const node = process.behaviour.at(place >> 1)
  const { request } = node
  const began = place !== process.behaviour.root.number * 2
  if (request === null || !(began || mayBegin(pen, process))) return
  const invoked = began || process.invoked === null ? [] : [process.invoked]
  const step: Step = { pen, process, index, node, request, invoked }
  if (request.store === 'world') worldAnswers(step, request)
  else if ((place & 1) === 1) waitsOn(step, request)
  else {
    isAnswered(step, false, '')
    if (get(pen.row, AT.mishaps) > 0 && process.mishaps) goesWrong(step, request)
  }
}

interface Step {
  pen: Pen
  process: Process
  index: number
  node: Node
  request: Request
  /** The event that the operation has begun, if this is its first step. */
  invoked: readonly number[]
}

/** What must come before has been answered; what it may do afterwards is still to come, or never comes. */
function mayBegin({ whole, layout, row }: Pen, { after }: Process): boolean {
  return after.every((index) => {
    const other = whole.processes[index]
    const node = other?.behaviour.at(get(row, layout.process + index) >> 1)
    return node?.request === null || (other?.invoked !== null && node !== undefined && node.heard > 0)
  })
}

/** The request has its effect and is answered. `stray`: it comes once more. */
function isAnswered(step: Step, doubtful: boolean, how: string, stray = false): void {
  const { pen, index, node } = step
  const { store, outcome } = effectOf(pen, node.requestNumber)
  const next = fresh(pen)
  if (stray) {
    spend(next, AT.mishaps)
    if (!goesAstray(step)) return
  }
  next[AT[store]] = outcome.state
  if (pen.whole.bounds.leases) {
    next[pen.layout.sights + 2 * index + (store === 'source' ? 0 : 1)] = freshSight(outcome.epoch)
  }
  const number = outcome.answerNumber * 2 + (doubtful ? 1 : 0)
  hears(step, { answer: { value: outcome.answer }, doubtful }, number, saying(step, how))
}

/** A sending was not answered. It is sent again, or given up. */
function waitsOn(step: Step, request: Request): void {
  if (request.resent) isAnswered(step, true, ', sent again')
  if (request.resent && get(step.pen.row, AT.mishaps) > 0) isNotAnswered(step, request, ', sent again,')
  fresh(step.pen)
  hears(step, NO_ANSWER, GIVEN_UP, saying(step, ' is given up'))
}

const NO_ANSWER: Reply = { answer: null, doubtful: true }

/** Numbers of replies that no store gives. */
const GIVEN_UP = -1
const HELD = -2
const OVER = -3
const SLEPT = -4
const QUIET = -5
const SAFE = -6
const JUMPS = -7

function goesWrong(step: Step, request: Request): void {
  const { pen } = step
  if (isRead(request)) {
    spend(fresh(pen), AT.mishaps)
    hears(step, NO_ANSWER, GIVEN_UP, saying(step, ' is not answered'))
    return
  }
  isNotAnswered(step, request, '')
  if (mayStray(request)) isAnswered(step, false, ', and comes once more', true)
}

/** A sending has its effect and is not answered; or it is lost, which it need not stay where there is room for a stray. */
function isNotAnswered(step: Step, request: Request, how: string): void {
  const { pen, node } = step
  const { store, outcome } = effectOf(pen, node.requestNumber)
  unanswered(step)[AT[store]] = outcome.state
  reach(pen, saying(step, `${how} has its effect, unanswered`), step.invoked)
  unanswered(step)
  const late = mayStray(request) && goesAstray(step)
  reach(pen, saying(step, `${how} is lost${late ? ', or late' : ''}`), step.invoked)
}

function unanswered({ pen, index }: Step): Int32Array {
  const next = fresh(pen)
  spend(next, AT.mishaps)
  const place = pen.layout.process + index
  next[place] = get(pen.row, place) | 1
  return next
}

/** Puts a copy of the request among the strays, which are kept in order; there may be no room for it. */
function goesAstray({ pen: { next, layout }, node }: Step): boolean {
  if (layout.strays === layout.width || get(next, layout.strays) !== 0) return false
  next[layout.strays] = node.requestNumber + 1
  next.subarray(layout.strays).sort()
  return true
}

/** What no store is asked: how often time has jumped, whether a store was seen of late, to wait until none can have been. */
function worldAnswers(step: Step, request: Request): void {
  const { pen, index, process } = step
  const { layout, row } = pen
  const next = fresh(pen)
  if (request.call === 'safe') {
    next[AT.backup] = LOST
    hears(step, { answer: { value: 'safe' }, doubtful: false }, SAFE, () => `${process.name}: no loss comes after this`)
    return
  }
  if (request.call === 'quiet') {
    quiet(pen)
    hears(
      step,
      { answer: { value: 'quiet' }, doubtful: false },
      QUIET,
      () => `${process.name}: all that was under way is over`,
    )
    return
  }
  if (request.call === 'jumps') {
    const jumps = get(row, AT.time)
    hears(
      step,
      { answer: { value: jumps }, doubtful: false },
      JUMPS - jumps,
      () => `${process.name}: looks at its clock`,
    )
    return
  }
  if (request.call === 'sleep') {
    for (let at = layout.sights; at < layout.strays; at++) if ((get(row, at) & 1) === 1) next[at] = 0
    hears(step, { answer: { value: 'slept' }, doubtful: false }, SLEPT, () => `${process.name}: the wait is over`)
    return
  }
  const [, store, epoch] = request.key.split(' ')
  const held = isSightAt(get(row, layout.sights + 2 * index + (store === 'source' ? 0 : 1)), Number(epoch))
  const said = held ? 'held' : 'over'
  hears(
    step,
    { answer: { value: said }, doubtful: false },
    held ? HELD : OVER,
    () => `${process.name}: the lease is ${said}`,
  )
}

/** The process goes on after a reply, and the outside hears what it says. */
function hears(step: Step, reply: Reply, replyNumber: number, label: Label): void {
  const { pen, process, index, node, invoked } = step
  const after = present(process.behaviour.after(node, reply, replyNumber))
  pen.next[pen.layout.process + index] = after.number * 2
  if (after.request?.call === 'sleep') wane(pen)
  reach(pen, label, invoked.length === 0 ? after.events : [...invoked, ...after.events])
}

/** Longer than any process lives and any request is late: what has begun is over, with or without an answer. */
function quiet({ next, whole, layout }: Pen): void {
  whole.processes.forEach(({ behaviour, invoked }, index) => {
    const place = layout.process + index
    if (invoked !== null && get(next, place) !== behaviour.root.number * 2) next[place] = ENDED * 2
  })
  next.fill(0, layout.strays)
}

/** Somebody waits for leases to end: those that are older than the wait will. */
function wane({ next, layout }: Pen): void {
  for (let at = layout.sights; at < layout.strays; at++) next[at] = get(next, at) | 1
}

function saying({ process, request }: Step, how: string): Label {
  return () => `${process.name}: ${request.key}${how}`
}
