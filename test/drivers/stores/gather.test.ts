import { expect, test } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { gathering } from '../../../lib/drivers/stores/redis/gather.js'

/** Answers each key with itself, and remembers what it was asked. */
function echo(answer: (keys: readonly string[]) => unknown = (keys) => keys.map((key) => `<${key}>`)) {
  const asked: (readonly string[])[] = []
  const read = gathering(async (keys) => {
    asked.push(keys)
    return answer(keys)
  })
  return { asked, read }
}

test('a read that is alone is sent as it is', async () => {
  const { asked, read } = echo()
  expect(await read(['f', 'a', 'm:a'])).toEqual(['<f>', '<a>', '<m:a>'])
  expect(asked).toEqual([['f', 'a', 'm:a']])
})

test('reads of one tick are one MGET, in which no key comes twice', async () => {
  const { asked, read } = echo()
  const [a, b, again] = await Promise.all([read(['f', 'a', 'm:a']), read(['g', 'b', 'm:b']), read(['f', 'a', 'm:a'])])
  expect([a, b, again]).toEqual([
    ['<f>', '<a>', '<m:a>'],
    ['<g>', '<b>', '<m:b>'],
    ['<f>', '<a>', '<m:a>'],
  ])
  expect(asked).toEqual([['f', 'a', 'm:a', 'g', 'b', 'm:b']])
})

test('a read never joins an MGET that has been sent', async () => {
  const { asked, read } = echo()
  const first = read(['a'])
  await new Promise((resolve) => setImmediate(resolve))
  const second = read(['a'])
  expect([await first, await second]).toEqual([['<a>'], ['<a>']])
  expect(asked).toEqual([['a'], ['a']])
})

test('reads that are answered together and ask again go together again', async () => {
  const { asked, read } = echo()
  const twice = async (key: string): Promise<void> => {
    await read([key])
    await read([`${key}2`])
  }
  await Promise.all(['a', 'b', 'c'].map(twice))
  expect(asked).toEqual([
    ['a', 'b', 'c'],
    ['a2', 'b2', 'c2'],
  ])
})

test('more than a hundred reads are several MGETs', async () => {
  const { asked, read } = echo()
  const keys = Array.from({ length: 250 }, (_, number) => `k${number}`)
  expect(await Promise.all(keys.map((key) => read([key])))).toEqual(keys.map((key) => [`<${key}>`]))
  expect(asked.map(({ length }) => length)).toEqual([100, 100, 50])
})

test('a lost answer is that of every read in it', async () => {
  const { read } = echo(() => {
    throw new CutoverError('unavailable', 'No answer.')
  })
  const answers = await Promise.allSettled([read(['a']), read(['b'])])
  expect(answers).toMatchObject([
    { status: 'rejected', reason: { code: 'unavailable' } },
    { status: 'rejected', reason: { code: 'unavailable' } },
  ])
})

test('what is too much for one answer is read one by one', async () => {
  const { asked, read } = echo((keys) => {
    if (keys.length > 2) throw new CutoverError('too-large', 'Too much.')
    return keys.map((key) => `<${key}>`)
  })
  expect(await Promise.all([read(['a']), read(['b']), read(['c'])])).toEqual([['<a>'], ['<b>'], ['<c>']])
  expect(asked).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']])
})

test('an answer of another length is taken for none of them', async () => {
  const { read } = echo(() => ['<a>'])
  const answers = await Promise.allSettled([read(['a']), read(['b'])])
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})
