import type { Origin } from './clients/client.js'

/** One stretch of the run, as the clients saw it. */
export interface StageTally {
  name: string
  rolloutPercent: number
  /** What led here when it is not the way forward. */
  note: string | null
  startedAt: string
  endedAt: string
  reads: number
  writes: number
  /** Answers by the stage and by the store that they named themselves. */
  answeredIn: { [stage: string]: number }
  servedBy: { [store: string]: number }
}

/** Counts of the clients: nothing here is asked of a server. */
export class Tally {
  readonly stages: StageTally[] = []
  readonly failures: string[] = []
  reads = 0
  writes = 0
  refusals = 0
  /** While a store is being harmed calls may fail, and are counted apart. */
  excused = false
  excusedFailures = 0

  enter(name: string, rolloutPercent = 100, note: string | null = null): void {
    this.leave()
    const now = new Date().toISOString()
    const nothing = { reads: 0, writes: 0, answeredIn: {}, servedBy: {} }
    this.stages.push({ name, rolloutPercent, note, startedAt: now, endedAt: now, ...nothing })
  }

  leave(): void {
    const stage = this.stages.at(-1)
    if (stage !== undefined) stage.endedAt = new Date().toISOString()
  }

  count(kind: 'reads' | 'writes', origin: Origin | null): void {
    this[kind]++
    const stage = this.stages.at(-1)
    if (stage === undefined) return
    stage[kind]++
    if (origin === null) return
    stage.answeredIn[origin.stage] = (stage.answeredIn[origin.stage] ?? 0) + 1
    stage.servedBy[origin.servedBy] = (stage.servedBy[origin.servedBy] ?? 0) + 1
  }

  failed(who: string, what: string): void {
    if (this.excused) {
      this.excusedFailures++
      return
    }
    this.failures.push(`${new Date().toISOString()} ${this.stages.at(-1)?.name ?? ''} ${who}: ${what}`)
  }
}
