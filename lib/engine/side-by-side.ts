/**
 * Documents that are looked at side by side: one after the other a thousand of them would outlast any function, and all at
 * once they would be in memory together, and parsed in one go for longer than a request to a store may take.
 */
export const AT_ONCE = 16

/** Some at a time, in order. When this throws none is under way any more. */
export async function sideBySide<T, R>(
  items: readonly T[],
  work: (item: T, number: number) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const done: R[] = []
  for (let at = 0; at < items.length; at += atOnce) {
    const some = items.slice(at, at + atOnce)
    done.push(...(await allOf(some.map((item, beside) => work(item, at + beside)))))
  }
  return done
}

/** All have ended when this throws: none goes on beside the next attempt. */
export async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(works)
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}
