/** One row of the table in BENCHMARKS.md: what is measured, against what, and when the goal is met. */
export interface Row {
  number: number
  work: string
  against: string
  goal: string
  run(setting: Setting): Promise<Measured>
}

export interface Setting {
  /** `small`: the counts of the full run on less work, for the tests; figures of time mean little then. */
  size: 'full' | 'small'
  seed: number
  /** One line of what is going on, as it goes on. */
  tell(text: string): void
}

export interface Measured {
  /** What was set up, one sentence an item; printed before the figures. */
  configuration: string[]
  figures: Figure[]
  /** Why a goal is missed, or what a figure does not say. */
  notes: string[]
}

export interface Figure {
  /** Such as `read, live`. */
  what: string
  /** Ours, with its unit. */
  figure: string
  /** What it is compared with, with its unit; `null`: with nothing. */
  against: string | null
  /** Ours over theirs; `null`: no ratio. */
  ratio: number | null
  /** `null`: shown only, the goal asks for nothing here. */
  met: boolean | null
  /** The figure is a count, the same on every machine: the bench fails if its goal is missed. */
  counted: boolean
}

/** Met when every figure that the goal asks for is. */
export function isMet({ figures }: Measured): boolean {
  return figures.every(({ met }) => met !== false)
}

/** A counted goal is missed: no machine can be the reason. */
export function isBroken({ figures }: Measured): boolean {
  return figures.some(({ met, counted }) => counted && met === false)
}
