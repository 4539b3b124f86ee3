import { readFileSync } from 'node:fs'

/** What `vercel.json` says, in the form in which a request is answered by it. */
export interface Deployment {
  functions: DeployedFunction[]
  rewrites: Rewrite[]
  crons: { path: string; schedule: string }[]
}

export interface DeployedFunction {
  /** Source file, as in `api/data.ts`. */
  file: string
  /** `data` of `api/data.ts`: also its path below `/api`. */
  name: string
  maxDurationMs: number
}

interface Rewrite {
  source: RegExp
  /** Path of a function or of a static file. */
  destination: string
}

export type Route =
  | { kind: 'static'; path: string }
  | { kind: 'function'; name: string }
  /** The platform's own 404: no code of ours is asked. */
  | { kind: 'none' }

/**
 * Where a request goes: to the static file or the function that has exactly this path, else by the first rewrite that
 * fits. A rewrite chooses the function and leaves the request's own URL as it was. `isStatic` tells about `public/`.
 */
export function routeOf(deployment: Deployment, path: string, isStatic: (path: string) => boolean): Route {
  const direct = fileOf(deployment, path, isStatic)
  if (direct.kind !== 'none') return direct
  const rewrite = deployment.rewrites.find(({ source }) => source.test(path))
  return rewrite === undefined ? { kind: 'none' } : fileOf(deployment, rewrite.destination, isStatic)
}

function fileOf({ functions }: Deployment, path: string, isStatic: (path: string) => boolean): Route {
  const file = path.endsWith('/') ? `${path}index.html` : path
  if (isStatic(file)) return { kind: 'static', path: file }
  const found = functions.find(({ name }) => path === `/api/${name}`)
  return found === undefined ? { kind: 'none' } : { kind: 'function', name: found.name }
}

export function readDeployment(vercelJson: string): Deployment {
  const json: VercelJson = JSON.parse(readFileSync(vercelJson, 'utf8'))
  return {
    functions: Object.entries(json.functions).map(([file, { maxDuration }]) => ({
      file,
      name: /^api\/([\w-]+)\.ts$/.exec(file)?.[1] ?? unknown(`the function ${file}`),
      maxDurationMs: maxDuration * 1_000,
    })),
    rewrites: json.rewrites.map(({ source, destination }) => ({ source: patternOf(source), destination })),
    crons: json.crons,
  }
}

interface VercelJson {
  functions: { [file: string]: { maxDuration: number } }
  rewrites: { source: string; destination: string }[]
  crons: { path: string; schedule: string }[]
}

/** Literal text and `(.*)` are all that our rewrites use; of anything else the meaning would be a guess. */
function patternOf(source: string): RegExp {
  const literals = source.split('(.*)')
  if (literals.some((literal) => !/^[\w./-]*$/.test(literal))) unknown(`the rewrite source ${source}`)
  return new RegExp(`^${literals.map((literal) => literal.replaceAll('.', '\\.')).join('(.*)')}$`)
}

function unknown(what: string): never {
  throw new Error(`vercel.json: ${what} is not of a form that is understood here.`)
}
