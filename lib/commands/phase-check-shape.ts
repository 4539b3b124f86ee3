import * as z from 'zod'
import type { PhaseCheck } from '../engine/checkpoints/named.js'
import { kindShape, timeOf } from './checkpoint-shape.js'

export const phaseCheckShape = z.object({
  name: z.string(),
  description: z.string(),
  checkpoints: z.array(z.looseObject({ kind: kindShape })).describe('Their rules, nothing left to defaults'),
  by: z.string(),
  at: z.string(),
})

export function shownPhaseCheck({ name, description, rules, by, at }: PhaseCheck): z.input<typeof phaseCheckShape> {
  return { name, description, checkpoints: rules.map((rule) => ({ ...rule })), by, at: timeOf(at) }
}
