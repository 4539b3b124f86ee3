import { askedOf } from './arguments.js'
import { openHunters } from './hunters.js'
import type { Mutant } from './mutant.js'
import { MUTANTS } from './mutants.js'
import { type Pins, readPins, writePins } from './pins.js'
import { jsonOf, lineOf, summaryOf, tableOf } from './report.js'
import { type Finding, survey } from './survey.js'

/**
 * Takes every guard out of the production source in turn, and says which history shows that it is gone. Code 1 if one
 * survives.
 *
 *     npm run mutants -- [--guard text] [--ground name] [--except name] [--seeds N] [--workers W] [--json] [--fresh] [--pin] [--unpinned]
 */
export async function main(
  args: readonly string[],
  mutants: readonly Mutant[],
  print: (text: string) => void,
  progress: (text: string) => void,
): Promise<number> {
  const { guard, ground, except, json, seeds, workers, fresh, pin, unpinned } = askedOf(args)
  const pins = readPins()
  const chosen = mutants
    .filter(({ guard: of, name }) => `${of} ${name}`.includes(guard) && !(unpinned && pins[name]))
    .map((mutant) => ({
      ...mutant,
      hunt: mutant.hunt.filter((one) => one !== except && (ground === '' || one === ground)),
    }))
    .filter(({ hunt }) => hunt.length > 0)
  const { all, close } = await openHunters(workers, fresh ? {} : pins)
  const done: Finding[] = []
  const onFinding = (finding: Finding): void => {
    done.push(finding)
    progress(`${String(done.length).padStart(4)}/${chosen.length}  ${lineOf(finding)}`)
    if (pin) writePins(repinned(pins, mutants, done))
  }
  try {
    const found = await survey(chosen, all, { seeds }, { atOnce: workers, onFinding })
    print(json ? jsonOf(found) : `${tableOf(found)}\n\n${summaryOf(found)}`)
    return found.caught === found.expected ? 0 : 1
  } finally {
    await close()
  }
}

/** Pins of what was found, and what was known of mutants that were not looked for, or not found, this time. */
function repinned(pins: Pins, mutants: readonly Mutant[], findings: readonly Finding[]): Pins {
  const next: Pins = {}
  for (const { name, redundant } of mutants) {
    if (redundant !== undefined) continue
    const caught = findings.find(({ mutant }) => mutant.name === name)?.caught ?? null
    next[name] = caught === null ? (pins[name] ?? null) : { ground: caught.ground, seed: caught.seed }
  }
  return next
}

const isProgram = process.argv[1]?.endsWith('test/mutants/main.ts') ?? false
if (isProgram) {
  const code = await main(process.argv.slice(2), MUTANTS, console.log, (text) => process.stderr.write(`${text}\n`))
  process.exitCode = code
}
