import { parseArgs } from 'node:util'

export interface DemoOptions {
  /** Records in both collections together. */
  records: number
  seed: number
  pace: 'normal' | 'fast'
  redis: 'embedded' | 'auto'
  json: boolean
  keep: boolean
  /** Rounds of harm to the target; 0: the usual course. */
  soak: number
}

export const USAGE = `npm run demo -- [options]

  --records N       records in all; default 1000, of the package manifests found and their dependencies
  --seed N          seed of keys, operations and moments; default 1
  --pace fast       short stages and one rollback; default normal
  --redis auto      a real redis-server if there is one; default embedded
  --json            one JSON object as the last line of standard output
  --soak N          N rounds of a target that dawdles, fails or holds wrong values, turned back by the rules alone
  --keep            no clean-up: the migration and its dashboard stay up, until Ctrl-C
`

export const RECORDS_MIN = 40
const RECORDS_DEFAULT = 1_000
export const RECORDS_MAX = 100_000
const SOAK_MAX = 10_000

/** The options, or the sentence that says what is wrong with them. */
export function parseOptions(args: string[]): DemoOptions | 'help' | { fault: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        records: { type: 'string' },
        seed: { type: 'string', default: '1' },
        pace: { type: 'string', default: 'normal' },
        redis: { type: 'string', default: 'embedded' },
        json: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        soak: { type: 'string', default: '0' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    if (values.help) return 'help'
    const { pace, redis, json, keep } = values
    if (pace !== 'normal' && pace !== 'fast') return { fault: '--pace is normal or fast.' }
    if (redis !== 'embedded' && redis !== 'auto') return { fault: '--redis is embedded or auto.' }
    const seed = wholeNumber(values.seed, 0, 2 ** 31)
    if (seed === null) return { fault: '--seed is a whole number from 0 to 2147483648.' }
    const records = values.records === undefined ? undefined : wholeNumber(values.records, RECORDS_MIN, RECORDS_MAX)
    if (records === null) return { fault: `--records is a whole number from ${RECORDS_MIN} to ${RECORDS_MAX}.` }
    const soak = wholeNumber(values.soak, 0, SOAK_MAX)
    if (soak === null) return { fault: `--soak is a whole number from 0 to ${SOAK_MAX}.` }
    return { records: records ?? RECORDS_DEFAULT, seed, pace, redis, json, keep, soak }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'The options cannot be read.' }
  }
}

function wholeNumber(text: string, min: number, max: number): number | null {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return number >= min && number <= max ? number : null
}
