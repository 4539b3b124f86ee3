import { Hono } from 'hono'
import { CutoverError } from '../core/error.js'
import type { Json } from '../core/json.js'
import type { EngineContext } from '../engine/context.js'
import { listNamedFlags } from '../engine/flags/flags.js'
import type { NamedFlag } from '../engine/flags/kept.js'
import { listFlags, MIGRATION_MODES, type Flag as View } from '../engine/flags/stages.js'
import { isAccessProof } from './access-proof.js'

/**
 * Where Vercel's toolbar reads which flags there are: `/.well-known/vercel/flags`, in the form that the `flags` package
 * gives it. The toolbar proves that it holds FLAGS_SECRET; without one in the environment the place is shut.
 * What cannot be read just now is told as a hint beside the rest, which is what the toolbar has hints for.
 */
export function vercelFlagsRoutes(parts: VercelFlagsParts): Hono {
  const app = new Hono()
  app.get('/.well-known/vercel/flags', async (c) => {
    const offered = /^bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
    const { secret } = parts
    if (secret === undefined || offered === undefined || !(await isAccessProof(offered, secret, parts.clock.now())))
      throw new CutoverError('unauthenticated', 'This needs a proof of access, made with FLAGS_SECRET.')
    c.header('Cache-Control', 'no-store')
    c.header('X-Flags-Sdk-Version', SDK_VERSION)
    return c.json(await apiData(await parts.engine(), parts.publicUrl))
  })
  return app
}

export interface VercelFlagsParts {
  engine: () => Promise<EngineContext>
  clock: { now(): number }
  /** Absent: shut. */
  secret: string | undefined
  publicUrl: string
}

/** Of the package whose form of answer this is. */
const SDK_VERSION = '4.3.1'

interface ApiData {
  definitions: { [name: string]: Definition }
  hints: { key: string; text: string }[]
}

interface Definition {
  description: string
  origin: string
  options: { value: Json; label: string }[]
  declaredInCode: boolean
  defaultValue?: Json
  createdAt?: number
  updatedAt?: number
}

async function apiData(engine: EngineContext, origin: string): Promise<ApiData> {
  const hints: ApiData['hints'] = []
  const orHint = async <T>(key: string, asked: Promise<T[]>): Promise<T[]> =>
    asked.catch((error: unknown) => {
      if (!(error instanceof CutoverError)) throw error
      hints.push({ key, text: error.message })
      return []
    })
  const [named, views] = await Promise.all([
    orHint('cutover/flags', listNamedFlags(engine)),
    orHint('cutover/views', listFlags(engine)),
  ])
  const definitions = [
    ...views.map((view) => [view.name, ofView(view, origin)] as const),
    ...named.map((flag) => [flag.name, ofNamed(flag, origin)] as const),
  ]
  return { definitions: Object.fromEntries(definitions), hints }
}

function ofNamed({ description, variants, fallback, createdAt, changedAt }: NamedFlag, origin: string): Definition {
  return {
    description,
    origin,
    options: Object.entries(variants).map(([label, value]) => ({ value, label })),
    declaredInCode: false,
    defaultValue: variants[fallback] ?? null,
    createdAt,
    updatedAt: changedAt,
  }
}

function ofView({ name }: View, origin: string): Definition {
  const options =
    name === 'migration_mode'
      ? MIGRATION_MODES.map((mode) => ({ value: mode, label: mode }))
      : [
          { value: false, label: 'source' },
          { value: true, label: 'target' },
        ]
  return {
    description: "A view on collections' stages; an override moves none.",
    origin,
    options,
    declaredInCode: false,
  }
}
