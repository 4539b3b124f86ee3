import { parseArgs } from 'node:util'

/** What `npm run mutants --` is given. */
export interface Asked {
  /** Only mutants whose guard or name holds this text. */
  guard: string
  json: boolean
  /** Only on this ground. */
  ground: string
  /** On all grounds but this one. */
  except: string
  /** Histories per ground at most. */
  seeds: number
  workers: number
  /** From seed 1 on, whatever is pinned. */
  fresh: boolean
  /** Write what was found to `pins.json`, one after the other. */
  pin: boolean
  /** Only mutants that are not pinned yet. */
  unpinned: boolean
}

export const SEEDS_DEFAULT = 2_000
const WORKERS_DEFAULT = 2

export function askedOf(args: readonly string[]): Asked {
  const { values } = parseArgs({
    args: [...args],
    options: {
      guard: { type: 'string', default: '' },
      ground: { type: 'string', default: '' },
      except: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      seeds: { type: 'string', default: String(SEEDS_DEFAULT) },
      workers: { type: 'string', default: String(WORKERS_DEFAULT) },
      fresh: { type: 'boolean', default: false },
      pin: { type: 'boolean', default: false },
      unpinned: { type: 'boolean', default: false },
    },
  })
  const [seeds, workers] = [Number(values.seeds), Number(values.workers)]
  if (!Number.isSafeInteger(seeds) || seeds < 1 || !Number.isSafeInteger(workers) || workers < 1) {
    throw new Error('--seeds and --workers must be whole numbers above 0.')
  }
  return { ...values, seeds, workers }
}
