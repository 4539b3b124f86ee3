import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'
import { documentSource } from '../../../lib/drivers/stores/documents/source.js'
import { fenceAt, realClock } from '../../contract/stores.js'

describe('a source in a file shared by several processes', () => {
  let dir: string
  let running: AbortController
  beforeEach(async () => {
    running = new AbortController()
    dir = await mkdtemp(join(tmpdir(), 'source-'))
  })
  afterEach(async () => {
    running.abort()
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  })

  const open = () =>
    documentSource({
      documents: filesDocuments({ dir, durable: false }),
      name: 'sums.json',
      collection: 'sums',
      clock: realClock,
    })

  /** The lines that a process has printed, each of two words. */
  async function writing(who: string, times: number, abreast: number): Promise<[string, number][]> {
    const script = join(import.meta.dirname, 'writing-process.ts')
    const args = ['--import', 'tsx', script, dir, who, String(times), String(abreast)]
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: running.signal,
      killSignal: 'SIGKILL',
    })
    child.on('error', () => {}) // the abort above
    const [printed, [code]] = await Promise.all([text(child.stdout), once(child, 'close')])
    expect(code).toBe(0)
    return printed
      .trimEnd()
      .split('\n')
      .map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])])
  }

  it('loses none of 3 x 60 increments of one record and counts none twice', async () => {
    const all = await Promise.all(['a', 'b', 'c'].map((who) => writing(who, 60, 12)))
    const source = open()
    expect((await source.get('sum')).copy?.value).toEqual({ id: 'sum', n: 180 })
    for (const who of ['a', 'b', 'c']) expect((await source.get(who)).copy?.value).toEqual({ id: who, n: 60 })

    const versions = all
      .flat()
      .filter(([what]) => what === 'sum')
      .map(([, version]) => version)
    expect(versions).toHaveLength(180)
    expect(new Set(versions).size).toBe(180)
    expect((await source.get('sum')).copy?.version).toBe(Math.max(...versions))
    expect(JSON.parse(await readFile(join(dir, 'sums.json'), 'utf8'))).toMatchObject({ sum: { n: 180 } })
    expect(JSON.parse(await source.exportText())).toMatchObject({ sum: { n: 180 }, a: { n: 60 } })
  }, 120_000)

  it('commits the concurrent writes of one process in a few puts', async () => {
    let puts = 0
    const files = filesDocuments({ dir, durable: false })
    const counting = {
      ...files,
      put: (...args: Parameters<typeof files.put>) => {
        puts += 1
        return files.put(...args)
      },
    }
    const source = documentSource({ documents: counting, name: 'sums.json', collection: 'sums', clock: realClock })
    const ids = Array.from({ length: 100 }, (_, at) => `record-${at}`)
    const write = (id: string) => source.cas(fenceAt(1), { id, base: 0, op: id, named: false, value: { id } })
    const answers = await Promise.all(ids.map(write))
    expect(answers.every(({ kind }) => kind === 'ok')).toBe(true)
    expect(puts).toBeLessThanOrEqual(3)
    expect(await open().count()).toEqual({ records: 100, tombstones: 0 })
  })
})
