import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonObject } from '../../lib/core/json.js'
import { History, type Violation } from '../../scripts/demo/history.js'
import { parseOptions } from '../../scripts/demo/options.js'
import { isOk, type Report } from '../../scripts/demo/report.js'

const KEY = 'projects/@scope/name'
const ORIGINAL: JsonObject = { id: '@scope/name', name: 'name' }

describe('what the clients know', () => {
  test('a correct history has no faults', () => {
    const history = given()
    history.found(KEY, history.begin(), 1, ORIGINAL)
    write(history, 'a', 1, 10)
    history.found(KEY, history.begin(), 10, recordBy('a', 1))
    remove(history, 'a', 2, 11)
    history.absent(KEY, history.begin())
    write(history, 'b', 1, 12)
    history.settle(KEY, { version: 12, value: recordBy('b', 1) })
    expect(history.violations).toEqual([])
  })

  test('an acknowledged write that is not there at the end is lost', () => {
    const history = given()
    write(history, 'a', 1, 10)
    write(history, 'a', 2, 11)
    history.settle(KEY, { version: 10, value: recordBy('a', 1) })
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('a record that is gone though nobody deleted it is lost', () => {
    const history = given()
    write(history, 'a', 1, 10)
    history.settle(KEY, null)
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('two writes acknowledged under one version are a lost write', () => {
    const history = given()
    const first = history.beginWrite(KEY, 'a#1', 'put')
    const second = history.beginWrite(KEY, 'b#1', 'put')
    history.acknowledged(first, 10, recordBy('a', 1))
    history.acknowledged(second, 10, recordBy('b', 1))
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('a write that is numbered below what was known before it is lost', () => {
    const history = given()
    write(history, 'a', 1, 10)
    write(history, 'b', 1, 9)
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('a conditional write that passed over a version it was not bound to has lost it', () => {
    const history = given()
    write(history, 'a', 1, 10)
    const bound = history.beginWrite(KEY, 'a#2', 'put', 10)
    write(history, 'b', 1, 11)
    history.acknowledged(bound, 12, recordBy('a', 2))
    history.settle(KEY, { version: 12, value: recordBy('a', 2) })
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('a create over a record that nobody deleted is a lost write', () => {
    const history = given()
    write(history, 'a', 1, 10)
    const create = history.beginWrite(KEY, 'b#1', 'put')
    history.wasAbsent(create)
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('a read below a version that was acknowledged before it began is stale', () => {
    const history = given()
    write(history, 'a', 1, 10)
    history.found(KEY, history.begin(), 1, ORIGINAL)
    expect(kinds(history)).toEqual(['stale-read'])
  })

  test('a read below a version that another client has read before is stale', () => {
    const history = given()
    const pending = history.beginWrite(KEY, 'a#1', 'put')
    history.found(KEY, history.begin(), 10, recordBy('a', 1))
    history.found(KEY, history.begin(), 1, ORIGINAL)
    history.acknowledged(pending, 10, recordBy('a', 1))
    expect(kinds(history)).toEqual(['stale-read'])
  })

  test('a read that began before the write was acknowledged may see either', () => {
    const history = given()
    const reading = history.begin()
    write(history, 'a', 1, 10)
    history.found(KEY, reading, 1, ORIGINAL)
    expect(history.violations).toEqual([])
  })

  test('a read that finds nothing where nobody deleted is stale', () => {
    const history = given()
    history.absent(KEY, history.begin())
    expect(kinds(history)).toEqual(['stale-read'])
  })
})

describe('deletions', () => {
  test.each([11, null])(
    'a deleted record that comes back is stale (the version of the deletion being %s)',
    (version) => {
      const history = given()
      write(history, 'a', 1, 10)
      remove(history, 'b', 1, version)
      history.found(KEY, history.begin(), 10, recordBy('a', 1))
      expect(kinds(history)).toEqual(['stale-read'])
    },
  )

  test('a deleted record that is there at the end is a lost deletion', () => {
    const history = given()
    write(history, 'a', 1, 10)
    remove(history, 'b', 1, null)
    history.settle(KEY, { version: 10, value: recordBy('a', 1) })
    expect(kinds(history)).toEqual(['lost-write'])
  })

  test('a deletion without an answer explains an absence at any later time', () => {
    const history = given()
    history.beginWrite(KEY, 'a#1', 'delete')
    write(history, 'b', 1, 10)
    history.absent(KEY, history.begin())
    history.settle(KEY, null)
    expect(history.violations).toEqual([])
  })

  test('a deletion that ended before the record was written again does not explain its absence', () => {
    const history = given()
    remove(history, 'a', 1, null)
    write(history, 'b', 1, 10)
    history.absent(KEY, history.begin())
    expect(kinds(history)).toEqual(['stale-read'])
  })

  test('a deletion bound to an earlier version does not explain the absence of a later one', () => {
    const history = given()
    write(history, 'a', 1, 10)
    history.beginWrite(KEY, 'a#2', 'delete', 10)
    write(history, 'b', 1, 11)
    history.absent(KEY, history.begin())
    expect(kinds(history)).toEqual(['stale-read'])
  })

  test('a refused deletion explains nothing', () => {
    const history = given()
    history.refused(history.beginWrite(KEY, 'a#1', 'delete'))
    history.absent(KEY, history.begin())
    expect(kinds(history)).toEqual(['stale-read'])
  })
})

describe('contents', () => {
  test('a write that was refused and is seen all the same is wrong', () => {
    const history = given()
    history.refused(history.beginWrite(KEY, 'a#1', 'put', 5))
    history.found(KEY, history.begin(), 10, recordBy('a', 1))
    expect(kinds(history)).toEqual(['wrong-content'])
  })

  test('one version with two values is wrong', () => {
    const history = given()
    write(history, 'a', 1, 10)
    history.found(KEY, history.begin(), 10, { ...recordBy('a', 1), name: 'another' })
    expect(kinds(history)).toEqual(['wrong-content'])
  })

  test('a record that nobody wrote must be what it was', () => {
    const history = given()
    history.settle(KEY, { version: 1, value: { ...ORIGINAL, name: 'another' } })
    expect(new Set(kinds(history))).toEqual(new Set(['wrong-content']))
  })

  test('the order of members does not matter', () => {
    const history = given()
    history.settle(KEY, { version: 1, value: { name: 'name', id: '@scope/name' } })
    expect(history.violations).toEqual([])
  })
})

describe('options', () => {
  test.each([
    ['--records', 'many'],
    ['--records', '1'],
    ['--seed', '-1'],
    ['--pace', 'slow'],
    ['--redis', 'none'],
    ['--unknown'],
    ['more'],
  ])('%s %s is a usage error', (...args) => {
    expect(parseOptions(args)).toHaveProperty('fault')
  })

  test('a bad option ends the command with 2', async () => {
    const { code, stderr } = await demo(['--records', 'many'])
    expect(code).toBe(2)
    expect(stderr).toContain('--records')
  })
})

describe('the demo', () => {
  const shape = z.looseObject({
    ok: z.boolean(),
    records: z.number(),
    acknowledgedWrites: z.number(),
    lostWrites: z.number(),
    staleReads: z.number(),
    failedCalls: z.number(),
    reconnects: z.number(),
    mismatches: z.number(),
    stages: z.array(
      z.looseObject({
        name: z.string(),
        startedAt: z.iso.datetime(),
        endedAt: z.iso.datetime(),
        reads: z.number(),
        writes: z.number(),
      }),
    ),
    rollbacks: z.number(),
    durationMs: z.number(),
  })

  test('carries a few records through everything and ends well', { timeout: 180_000 }, async () => {
    const { code, stdout, stderr } = await demo(['--records', '60', '--pace', 'fast', '--json'])
    const report = shape.parse(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? ''))
    expect(report, stderr).toMatchObject({
      ok: true,
      records: 60,
      lostWrites: 0,
      staleReads: 0,
      failedCalls: 0,
      reconnects: 0,
      mismatches: 0,
      foreignKeys: 0,
      instances: { killed: 1 },
    })
    expect(code).toBe(0)
    expect(report.rollbacks).toBeGreaterThan(0)
    expect(report.acknowledgedWrites).toBeGreaterThan(0)
    const stages = new Set(report.stages.map(({ name }) => name))
    expect(stages).toEqual(new Set(['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete']))
    expect(report.stages.every(({ reads }) => reads > 0)).toBe(true)
  })

  test.each<Partial<Report>>([
    { lostWrites: 1 },
    { staleReads: 1 },
    { failedCalls: 1 },
    { reconnects: 1 },
    { mismatches: 1 },
    { foreignKeys: 1 },
    { zeroLoss: [{ collection: 'projects', proved: false, because: [] }] },
    { zeroLoss: [] },
  ])('is not well with %j', (fault) => {
    expect(isOk(GOOD)).toBe(true)
    expect(isOk({ ...GOOD, ...fault })).toBe(false)
  })
})

const GOOD: Omit<Report, 'ok'> = {
  records: 1,
  acknowledgedWrites: 1,
  reads: 1,
  refusals: 1,
  lostWrites: 0,
  staleReads: 0,
  failedCalls: 0,
  reconnects: 0,
  mismatches: 0,
  foreignKeys: 0,
  repeats: 1,
  zeroLoss: [{ collection: 'projects', proved: true, because: [] }],
  stages: [],
  rollbacks: 1,
  instances: { replaced: 1, killed: 1 },
  clients: [],
  seed: 1,
  durationMs: 1,
}

function given(): History {
  const history = new History()
  history.original(KEY, ORIGINAL)
  return history
}

function write(history: History, by: string, number: number, version: number): void {
  history.acknowledged(history.beginWrite(KEY, `${by}#${number}`, 'put'), version, recordBy(by, number))
}

function remove(history: History, by: string, number: number, version: number | null): void {
  history.acknowledged(history.beginWrite(KEY, `${by}#${number}`, 'delete'), version, null)
}

function recordBy(by: string, number: number): JsonObject {
  return { ...ORIGINAL, lastWrite: { by, number } }
}

function kinds(history: History): Violation['kind'][] {
  return history.violations.map(({ kind }) => kind)
}

function demo(args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), 'scripts/demo.ts', ...args])
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
