import { STAGES, type Stage } from '../../../core/stage.js'
import type { AuditEntry } from '../../state.js'

/** A change of the stage, or of the share that is at it, as a chart marks it. */
export interface Mark {
  at: number
  /** `dualwrite → shadow`, `live 10 % → live`. */
  label: string
  /** Where it stood, and where it has stood since. */
  from: string
  to: string
  /** It went back. */
  back: boolean
  by: string
  reason: string
  position: string
}

/** Of the entries of one collection, in the order of time. Whatever verb it was: the stage differs. */
export function marksOf(items: readonly AuditEntry[]): Mark[] {
  return items
    .flatMap(({ at, by, reason, position, before, after }) => {
      const [old, now] = [standOf(before), standOf(after)]
      if (old === null || now === null || old.stage === null || now.stage === null) return []
      const [from, to] = [shownStand(old), shownStand(now)]
      if (from === to) return []
      const [was, is] = [STAGES.indexOf(old.stage), STAGES.indexOf(now.stage)]
      const back = is < was || (is === was && now.percent < old.percent)
      return [{ at: Date.parse(at), label: `${from} → ${to}`, from, to, back, by, reason, position }]
    })
    .sort((a, b) => a.at - b.at)
}

interface Stand {
  stage: Stage | null
  percent: number
}

function standOf(side: unknown): Stand | null {
  if (typeof side !== 'object' || side === null || !('stage' in side)) return null
  const stage = STAGES.find((one) => one === side.stage) ?? null
  const percent = 'rolloutPercent' in side && typeof side.rolloutPercent === 'number' ? side.rolloutPercent : 100
  return { stage, percent }
}

function shownStand({ stage, percent }: Stand): string {
  return percent === 100 ? `${stage}` : `${stage} ${percent} %`
}

/** Which stage was held from when to when, within the window; `now`: where it stands if nothing has changed. */
export interface Held {
  from: number
  to: number
  name: string
  /** It came about by going back. */
  back: boolean
}

export function heldOf(marks: readonly Mark[], now: string | null, from: number, to: number): Held[] {
  const inside = marks.filter(({ at }) => at > from && at <= to)
  const [first] = inside
  const held: Held[] = []
  const name = first?.from ?? now
  if (name !== null) held.push({ from, to: first?.at ?? to, name, back: false })
  inside.forEach((mark, index) => {
    held.push({ from: mark.at, to: inside[index + 1]?.at ?? to, name: mark.to, back: mark.back })
  })
  return held
}

/**
 * On which line each label goes so that none lies on another; `null`: there is no room, and the list below the charts
 * says it. `left` and `width` in the same unit as `end`, beyond which nothing may reach.
 */
export function linesOf(
  labels: readonly { left: number; width: number }[],
  end: number,
  lines: number,
): ({ line: number; left: number } | null)[] {
  const free = Array.from({ length: lines }, () => Number.NEGATIVE_INFINITY)
  return labels.map(({ left: wanted, width }) => {
    const left = Math.min(wanted, end - width)
    const line = free.findIndex((taken) => taken <= left)
    if (line < 0) return null
    free[line] = left + width
    return { line, left }
  })
}
