import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './bundle.js'
import type { Ground } from './mutant.js'

export interface Pin {
  ground: Ground
  /** Of a history; of the model the name of its chain. */
  seed: number | string
}

/**
 * What is known to find each mutant out, by the mutant's name. Written by `--pin`, replayed by the test. `null`: nobody
 * has found it out yet in the seeds that were spent on it.
 */
export type Pins = { [mutant: string]: Pin | null }

const FILE = join(ROOT, 'test/mutants/pins.json')

export function readPins(): Pins {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Pins
}

export function writePins(pins: Pins): void {
  const lines = Object.entries(pins)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, pin]) => `  ${JSON.stringify(name)}: ${pin === null ? 'null' : lineOf(pin)}`)
  writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`)
}

function lineOf({ ground, seed }: Pin): string {
  return `{ "ground": ${JSON.stringify(ground)}, "seed": ${JSON.stringify(seed)} }`
}
