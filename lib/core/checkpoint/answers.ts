import { differencesOf } from '../compare/diff.js'
import { jsonEqual } from '../compare/equal.js'
import { isJsonObject, type Json } from '../json.js'
import type { AnswerDifference } from './weigh-answers.js'

/** An answer of either path, as far as it is compared. */
export interface Compared {
  status: number
  code: string | null
  etag: string | null
  body: Json
}

/** In what two answers differ, and where in their bodies; values are not told. Empty: they are alike. */
export function answerDifferences(a: Compared, b: Compared): { kinds: AnswerDifference[]; paths: string[] } {
  if (a.status !== b.status || a.code !== b.code) return { kinds: ['status'], paths: [] }
  const kinds: AnswerDifference[] = a.etag === b.etag ? [] : ['etag']
  if (jsonEqual(a.body, b.body)) return { kinds, paths: [] }
  const lists = [listIn(a.body), listIn(b.body)] as const
  const inList = lists[0] !== null && lists[1] !== null ? ofLists(lists[0], lists[1]) : []
  const { items } = differencesOf(a.body, b.body, { hideValues: true })
  return {
    kinds: [...kinds, ...(inList.length > 0 ? inList : (['body'] as const))],
    paths: items.map(({ path }) => path),
  }
}

/** Ids of a list's answer that the other one lacks, or shows otherwise. */
export function idsThatDiffer(a: Compared, b: Compared): string[] {
  const [one, other] = [listIn(a.body), listIn(b.body)]
  const texts = (list: List | null) => new Map((list?.items ?? []).map((item) => [item.id, item]))
  const [left, right] = [texts(one), texts(other)]
  return [...new Set([...left.keys(), ...right.keys()])].filter((id) => {
    const [x, y] = [left.get(id), right.get(id)]
    return x === undefined || y === undefined || !jsonEqual(x, y)
  })
}

type Item = { id: string; [member: string]: Json }
interface List {
  items: Item[]
  nextCursor: Json
}

function ofLists(a: List, b: List): AnswerDifference[] {
  const ids = (list: List) => list.items.map(({ id }) => id)
  const [left, right] = [ids(a), ids(b)]
  const same = left.length === right.length && [...left].sort().every((id, at) => id === [...right].sort()[at])
  const kinds: AnswerDifference[] = []
  if (!same) kinds.push('items')
  else if (left.some((id, at) => id !== right[at])) kinds.push('order')
  else if (!jsonEqual(a.items, b.items)) kinds.push('body')
  if (!jsonEqual(a.nextCursor, b.nextCursor)) kinds.push('cursor')
  return kinds
}

function listIn(body: Json): List | null {
  if (!isJsonObject(body)) return null
  const { items, nextCursor = null } = body
  if (!Array.isArray(items) || !items.every((item) => isJsonObject(item) && typeof item.id === 'string')) return null
  return { items: items as Item[], nextCursor }
}
