import { expect, it } from 'vitest'
import { versionOf } from '../../lib/core/copy.js'
import type { Target } from '../../lib/ports/store.js'
import { expectUnavailable, fenceAt, floorOf, newOp, untilAnswered } from './stores.js'
import { began, copyOf, first, type GivenTarget, writeOf } from './target-given.js'

const WRITERS = 30

export function competition(given: GivenTarget): void {
  it('numbers 30 writes of one record at once one after the other', async () => {
    const { target, another } = given()
    const handles = [first(target), first(another()), first(another())]
    const writers = Array.from({ length: WRITERS }, (_, at) => began(handles[at % 3] ?? first(target), 1, 'a'))
    const versions = (await Promise.all(writers)).sort((a, b) => a - b)
    expect(versions).toEqual(versions.map((_, at) => floorOf(1) + at))
    expect((await first(another()).get('a')).copy?.version).toBe(versions.at(-1))
  })

  it('loses none of 30 increments of one record, each bound to what it has read', async () => {
    const { target, another } = given()
    const handles = [first(target), first(another())]
    await Promise.all(Array.from({ length: WRITERS }, (_, at) => increment(handles[at % 2] ?? first(target))))
    expect((await first(another()).get('sum')).copy?.value).toEqual({ id: 'sum', n: WRITERS })
  })

  it('runs one of many duplicates of a request, and tells all of them the same version', async () => {
    const { target, another } = given()
    const write = writeOf('a')
    const handles = [first(target), first(another())]
    const sent = Array.from({ length: 10 }, (_, at) => handles[at % 2]?.begin(fenceAt(1), write))
    const answers = await Promise.all(sent)
    expect(answers.filter((answer) => answer?.kind === 'ok')).toHaveLength(1)
    for (const answer of answers) expect(answer).toMatchObject({ version: floorOf(1) })
    expect((await first(target).get('a')).copy?.version).toBe(floorOf(1))
  })

  it('loses none of 30 records written at once', async () => {
    const { target, another } = given()
    await Promise.all(Array.from({ length: WRITERS }, (_, at) => began(first(target), 1, `record-${at}`)))
    expect(await another().count()).toEqual({ records: WRITERS, tombstones: 0 })
    expect(await first(another()).countOpen()).toBe(WRITERS)
  })
}

async function increment(target: Target): Promise<void> {
  const write = writeOf('sum')
  for (let attempt = 0; attempt < 500; attempt++) {
    const { copy } = await target.get('sum')
    const value = { id: 'sum', n: Number(copy?.value?.n ?? 0) + 1 }
    const answer = await target.begin(fenceAt(1), { ...write, base: versionOf(copy), compare: 'equal', value })
    if (answer.kind === 'ok') return
    expect(answer.kind).toBe('fail')
  }
  throw new Error('one writer has starved')
}

const ALWAYS_ANSWERS = 'this store is in the same process and always answers'

export function failure(given: GivenTarget): void {
  it('throws "unavailable" while the store cannot answer, never takes it for absence, and recovers', async ({
    skip,
  }) => {
    const { target, another, way } = given()
    if (way === null) return skip(ALWAYS_ANSWERS)
    await began(first(target), 1, 'a')
    way.outage(true)
    const calls = (store: Target): Promise<unknown>[] => [
      store.get('a'),
      store.get('absent'),
      store.getMany(['absent']),
      store.control(),
      store.openIds(null, 9),
      store.countOpen(),
      store.begin(fenceAt(2), writeOf('b')),
      store.probe(fenceAt(2), 'op'),
      store.prove(fenceAt(2), { version: 1, op: 'a' }, { version: 2, op: 'b' }),
      store.applyMany(fenceAt(2), [copyOf('b', 9)]),
      store.settleMany([{ id: 'a', version: floorOf(1), op: 'x' }]),
      store.raise(fenceAt(2)),
      store.amend(fenceAt(1), { hold: true }),
      store.beat(4),
    ]
    for (const handle of [target, another()]) {
      await Promise.all(calls(first(handle)).map(expectUnavailable))
      const others = [handle.page(null, 9), handle.count(), handle.plain.get('a'), handle.plain.page(null, 9)]
      await Promise.all(others.map(expectUnavailable))
      await expectUnavailable(handle.plain.write('b', { id: 'b' }))
      await expectUnavailable(handle.plain.purge(null))
    }
    way.outage(false)
    expect(await first(target).get('a')).toMatchObject({
      fence: fenceAt(1),
      hold: false,
      copy: { version: floorOf(1) },
    })
    expect(await target.count()).toEqual({ records: 1, tombstones: 0 })
  })

  it('takes effect once when the answer is lost and the very same call is sent again', async ({ skip }) => {
    const { target, another, way } = given()
    if (way === null) return skip(ALWAYS_ANSWERS)
    const store = first(target)
    await began(store, 1, 'a')
    const write = writeOf('a', { base: floorOf(1), compare: 'equal' })
    way.loseNextAnswer()
    expect(await untilAnswered(() => store.begin(fenceAt(1), write))).toEqual({
      kind: 'known',
      version: floorOf(1) + 1,
    })
    const copy = copyOf('a', floorOf(2), newOp())
    way.loseNextAnswer()
    expect(await untilAnswered(() => store.applyMany(fenceAt(2), [copy]))).toEqual([{ kind: 'same' }])
    way.loseNextAnswer()
    expect(await untilAnswered(() => store.raise(fenceAt(3), { ifEpoch: 2 }))).toEqual({
      fence: fenceAt(3),
      hold: false,
    })
    way.loseNextAnswer()
    await untilAnswered(() => store.settleMany([{ id: 'a', version: floorOf(2), op: copy.copy.op }]))
    expect(await first(another()).get('a')).toMatchObject({ fence: fenceAt(3), copy: { ...copy.copy, open: false } })
  })
}
