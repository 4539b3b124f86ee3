export interface Waiting<Asked, Answer> {
  asked: Asked
  resolve: (answer: Answer) => void
  reject: (error: unknown) => void
}

/**
 * Hands what is asked in one tick to `answer` together, in the order of asking and at most `most` at once. Nothing
 * waits for a timer or for an answer under way.
 */
export function inOneTick<Asked, Answer>(
  most: number,
  answer: (together: readonly Waiting<Asked, Answer>[]) => Promise<void>,
): (asked: Asked) => Promise<Answer> {
  let waiting: Waiting<Asked, Answer>[] = []
  async function flush(): Promise<void> {
    await null // those that are answered together ask again together, but one after the other
    const all = waiting
    waiting = []
    for (let start = 0; start < all.length; start += most) void answer(all.slice(start, start + most))
  }
  return (asked) =>
    new Promise((resolve, reject) => {
      waiting.push({ asked, resolve, reject })
      if (waiting.length === 1) void flush()
    })
}
