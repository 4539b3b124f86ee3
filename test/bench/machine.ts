import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'

/** What the figures were measured on and with. */
export function machine(): string[] {
  const [first] = cpus()
  return [
    `Node ${process.version}, ${process.platform} ${process.arch}`,
    `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB`,
    redisVersion(),
    ...['@upstash/redis', '@launchdarkly/node-server-sdk', '@modelcontextprotocol/server', 'hono'].map(
      (name) => `${name} ${versionOf(name)}`,
    ),
  ]
}

function redisVersion(): string {
  try {
    const text = execFileSync('redis-server', ['--version'], { encoding: 'utf8' })
    return `redis-server ${/v=(\S+)/.exec(text)?.[1] ?? 'of unknown version'}, behind the gateway of this repository, on loopback`
  } catch {
    return 'no redis-server on PATH: the embedded Redis, behind the gateway of this repository, on loopback'
  }
}

function versionOf(name: string): string {
  const path = new URL(`../../node_modules/${name}/package.json`, import.meta.url)
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
}
