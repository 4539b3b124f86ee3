/** So many a second, and as many at once after a pause. Answers whether there is one left. */
export function tokenBucket(clock: { monotonic(): number }, perSecond: number): () => boolean {
  let left = perSecond
  let at = clock.monotonic()
  return () => {
    const now = clock.monotonic()
    left = Math.min(perSecond, left + ((now - at) / 1_000) * perSecond)
    at = now
    if (left < 1) return false
    left -= 1
    return true
  }
}
