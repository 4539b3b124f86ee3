import { expect, it } from 'vitest'
import { versionOf } from '../../lib/core/copy.js'
import type { Source } from '../../lib/ports/store.js'
import { type GivenSource, wrote } from './source-given.js'
import { expectUnavailable, fenceAt, floorOf, newOp, untilAnswered } from './stores.js'

const WRITERS = 30

export function competition(given: GivenSource): void {
  it('loses none of 30 increments of one record by writers in three processes', async () => {
    const { source, another } = given()
    const handles = [source, another(), another()]
    const writers = Array.from({ length: WRITERS }, (_, at) => increment(handles[at % 3] ?? source))
    const versions = await Promise.all(writers)
    expect(new Set(versions).size).toBe(WRITERS)
    const { copy } = await another().get('sum')
    expect(copy).toMatchObject({ value: { n: WRITERS }, version: Math.max(...versions) })
  })

  it('loses none of 30 records written at once into one document', async () => {
    const { source, another } = given()
    const handles = [source, another(), another()]
    const ids = Array.from({ length: WRITERS }, (_, at) => `record-${at}`)
    await Promise.all(ids.map((id, at) => wrote(handles[at % 3] ?? source, 1, id)))
    expect(await another().count()).toEqual({ records: WRITERS, tombstones: 0 })
  })

  it('reads its own acknowledged writes, and those of others', async () => {
    const { source, another } = given()
    const other = another()
    for (let n = 0; n < 5; n++) {
      const version = await wrote(n % 2 === 0 ? source : other, 1, 'a', { id: 'a', n })
      const views = await Promise.all([source.get('a'), other.get('a'), source.get('a')])
      for (const { copy } of views) expect(copy).toMatchObject({ version, value: { n } })
    }
  })

  it('answers each of several writers of one moment as if they had come one after the other', async () => {
    const { source } = given()
    const write = { id: 'a', base: 0, named: false, value: { id: 'a' } }
    const answers = await Promise.all([
      source.cas(fenceAt(2), { ...write, op: 'first' }),
      source.cas(fenceAt(2), { ...write, op: 'second' }),
      source.cas(fenceAt(1), { ...write, op: 'stale' }),
      source.apply(fenceAt(2), 'a', { version: floorOf(2) + 1, op: 'applied', value: { id: 'a' } }),
    ])
    expect(answers.map(({ kind }) => kind)).toEqual(['ok', 'conflict', 'stale', 'ok'])
  })
}

async function increment(source: Source): Promise<number> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const { copy } = await source.get('sum')
    const n = Number(copy?.value?.n ?? 0) + 1
    const write = { id: 'sum', base: versionOf(copy), op: newOp(), named: false, value: { id: 'sum', n } }
    const answer = await source.cas(fenceAt(1), write)
    if (answer.kind === 'ok') return answer.version
    expect(answer.kind).toBe('conflict')
  }
  throw new Error('one writer has starved')
}

export function failure(given: GivenSource): void {
  it('throws "unavailable" while the store cannot answer, never takes it for absence, and recovers', async () => {
    const { source, another, outage } = given()
    await wrote(source, 1, 'a')
    for (const handle of [source, another()]) {
      await outage(true)
      await expectUnavailable(handle.get('a'))
      await expectUnavailable(handle.get('absent'))
      await expectUnavailable(handle.page(null, 10))
      await expectUnavailable(handle.count())
      await expectUnavailable(handle.control())
      await expectUnavailable(handle.raise(fenceAt(9)))
      await expectUnavailable(handle.updateControl((now) => ({ ...now, heartbeat: 99 })))
      await expectUnavailable(handle.cas(fenceAt(1), { id: 'b', base: 0, op: 'b', named: false, value: { id: 'b' } }))
      const copy = { version: floorOf(2), op: 'c', value: { id: 'c' } }
      await expectUnavailable(handle.apply(fenceAt(1), 'c', copy))
      await expectUnavailable(handle.applyMany(fenceAt(1), [{ id: 'c', copy }]))
      await outage(false)
      expect((await handle.get('a')).copy).not.toBeNull()
      expect(await another().count()).toEqual({ records: 1, tombstones: 0 })
    }
  })

  it('takes effect once when the answer to a write is lost and the very same call is sent again', async () => {
    const { source, another, loseNextAnswer } = given()
    const base = await wrote(source, 1, 'a')
    const op = newOp()
    await loseNextAnswer()
    const write = { id: 'a', base, op, named: true, value: { id: 'a', n: 1 } }
    expect(await untilAnswered(() => source.cas(fenceAt(1), write))).toMatchObject({ kind: 'known', version: base + 1 })
    const copy = { version: floorOf(2), op: newOp(), value: { id: 'a', n: 2 } }
    await loseNextAnswer()
    expect(await untilAnswered(() => source.apply(fenceAt(2), 'a', copy))).toEqual({ kind: 'same' })
    await loseNextAnswer()
    expect(await untilAnswered(() => source.raise(fenceAt(3)))).toEqual(fenceAt(3))
    expect(await another().get('a')).toMatchObject({ copy, fence: fenceAt(3) })
  })
}
