import { expect, test } from 'vitest'
import { hash32, partitionOf, SLOTS, slotOf } from '../../lib/core/slot.js'

test('the hash is MurmurHash3 of the UTF-8 text, in every runtime', () => {
  const known: [string, number][] = [
    ['', 0],
    ['a', 0x3c2569b2],
    ['aa', 0x371091a9],
    ['abc', 0xb3dd93fa],
    ['abcd', 0x43ed676a],
    ['hello', 0x248bfa47],
    ['γάμμα', 0xe5fadb97],
    ['Hello, world!', 0xc0363e43],
    ['The quick brown fox jumps over the lazy dog', 0x2e4ff723],
  ]
  for (const [text, hash] of known) expect(hash32(text)).toBe(hash)
})

test('text beyond ASCII is hashed as its UTF-8, wherever in the text it shows', () => {
  const known: [string, number][] = [
    ['\u4141bcd', 0x02cdf232], // its code is that of two letters side by side
    ['a\u4141cd', 0x79cdfce2],
    ['abc\u00e9', 0xcca13541],
    ['abcd\u00e9', 0xe4012811],
    ['\u{1f600}', 0xbeb42efa],
  ]
  for (const [text, hash] of known) expect(hash32(text)).toBe(hash)
})

test('the slot of a key never changes', () => {
  expect(['alpha', 'beta', 'γάμμα', '𝛿', ''].map((id) => slotOf('projects', id))).toEqual([2660, 1573, 7134, 323, 3327])
})

test('keys spread evenly over the slots, and differently in each collection', () => {
  const tenths = new Array<number>(10).fill(0)
  let same = 0
  for (let at = 0; at < 20_000; at++) {
    const slot = slotOf('projects', `record-${at}`)
    expect(slot).toBeLessThan(SLOTS)
    const tenth = Math.floor(slot / (SLOTS / 10))
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
    if (slot === slotOf('resources', `record-${at}`)) same += 1
  }
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200)
  expect(same).toBeLessThan(20)
})

test('partitions are even, and say nothing of the slot', () => {
  const counts = new Map<string, number>()
  for (let at = 0; at < 20_000; at++) {
    const id = `record-${at}`
    const cell = `${partitionOf('projects', id, 4)} ${Math.floor(slotOf('projects', id) / 2_500)}`
    counts.set(cell, (counts.get(cell) ?? 0) + 1)
  }
  expect(counts.size).toBe(16)
  for (const count of counts.values()) expect(Math.abs(count - 1_250)).toBeLessThan(200)
  expect(partitionOf('projects', 'anything', 1)).toBe(0)
})
