import { z } from 'zod'
import { seededRandom } from './random.js'

const probability = z.number().min(0).max(1)

/** What the server does wrong on purpose. Absent members do nothing. */
export const faultSettingsSchema = z.strictObject({
  /** Chance that a message which was delivered is delivered once more, at the same time or just after. */
  duplicate: probability.optional(),
  /** Chance that a message is answered with its id and then forgotten. */
  lose: probability.optional(),
  /** Held back for a random time between the two, in ms. Messages of FIFO queues are not. */
  delayMs: z
    .tuple([z.number().min(0), z.number().min(0)])
    .refine(([least, most]) => least <= most, 'The first number is the lesser one.')
    .optional(),
  /** Messages overtake each other, except within a FIFO queue. */
  reorder: z.boolean().optional(),
  /** Publish, enqueue and batch answer 503 and take nothing. */
  refusePublish: z.boolean().optional(),
  /** Chance that the connection is cut before a publish is taken. */
  dropBefore: probability.optional(),
  /** Chance that the connection is cut after a publish was taken, so that the caller cannot know. */
  dropAfter: probability.optional(),
})

export type FaultSettings = z.infer<typeof faultSettingsSchema>

export class Faults {
  readonly random: () => number
  #settings: FaultSettings = {}

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  get current(): FaultSettings {
    return this.#settings
  }

  /** Replaces all faults by the given ones. */
  set(settings: FaultSettings): void {
    this.#settings = faultSettingsSchema.parse(settings)
  }

  clear(): void {
    this.#settings = {}
  }

  /** Draws one number only when the chance is not zero, so an idle fault does not disturb the order of the others. */
  strikes(name: 'duplicate' | 'lose' | 'dropBefore' | 'dropAfter'): boolean {
    const chance = this.#settings[name] ?? 0
    return chance > 0 && this.random() < chance
  }

  /** How long a newly accepted message is to be held back. */
  holdMs(): number {
    const [least, most] = this.#settings.delayMs ?? [0, 0]
    const delay = most > 0 ? least + this.random() * (most - least) : 0
    return delay + (this.#settings.reorder ? this.random() * reorderWithinMs : 0)
  }
}

/** Messages published within this time of each other may change places. */
const reorderWithinMs = 60
