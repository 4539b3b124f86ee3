import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { filesDocuments } from '../../../lib/drivers/documents/files.js'

describe('files shared by several processes', () => {
  let dir: string
  let children: ChildProcess[]
  beforeEach(async () => {
    children = []
    dir = await mkdtemp(join(tmpdir(), 'processes-'))
    const store = filesDocuments({ dir })
    await store.put('count.json', JSON.stringify({ sum: 0, marks: {} }), { ifMatch: null })
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await rm(dir, { recursive: true, force: true, maxRetries: 3 })
  })

  function counting(who: string, times: number) {
    const script = join(import.meta.dirname, 'counting-process.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, dir, String(times), who], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    const lines: string[] = []
    const ended = once(child, 'exit').then(([code]) => code as number | null)
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
    return { child, lines, ended }
  }

  async function counted() {
    const document = await filesDocuments({ dir }).get('count.json')
    if (document === null || document === 'unchanged') throw new Error('the counter has gone')
    expect(await readFile(join(dir, 'count.json'), 'utf8')).toBe(document.text)
    return JSON.parse(document.text) as { sum: number; marks: { [who: string]: number } }
  }

  it('loses none of 4 x 100 increments and applies none twice', async () => {
    const all = ['a', 'b', 'c', 'd'].map((who) => counting(who, 100))
    expect(await Promise.all(all.map((one) => one.ended))).toEqual([0, 0, 0, 0])
    expect(await counted()).toEqual({ sum: 400, marks: { a: 100, b: 100, c: 100, d: 100 } })
    const etags = all.flatMap((one) => one.lines).filter((line) => line !== 'unknown')
    expect(new Set(etags).size).toBe(etags.length)
  }, 120_000)

  it('stays right when one process is killed and others stand still for a while', async () => {
    const victims = ['k1', 'k2'].map((who) => counting(who, 100_000))
    const sleeper = counting('s', 60)
    const steady = counting('t', 200)
    await until(() => [...victims, sleeper, steady].every((one) => one.lines.length >= 5))
    for (let round = 0; round < 6; round += 1) {
      sleeper.child.kill('SIGSTOP')
      await pause(150 + 60 * round)
      if (round === 2) victims[0]?.child.kill('SIGKILL')
      if (round === 4) victims[1]?.child.kill('SIGKILL')
      sleeper.child.kill('SIGCONT')
      await pause(37)
    }
    await Promise.all(victims.map((victim) => victim.ended))
    expect(await Promise.all([sleeper.ended, steady.ended])).toEqual([0, 0])
    const { sum, marks } = await counted()
    expect(sum).toBe(Object.values(marks).reduce((total, mark) => total + mark, 0))
    expect(marks).toMatchObject({ s: 60, t: 200 })
    victims.forEach((victim, i) => {
      const acknowledged = victim.lines.filter((line) => line !== 'unknown').length
      const unknown = victim.lines.length - acknowledged
      const applied = marks[`k${i + 1}`] ?? 0
      expect(applied).toBeGreaterThanOrEqual(acknowledged)
      // One more put may have been under way when the process was killed.
      expect(applied).toBeLessThanOrEqual(acknowledged + unknown + 1)
    })
  }, 120_000)
})

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 600; i += 1) {
    if (holds()) return
    await pause(100)
  }
  throw new Error('it never came about')
}
