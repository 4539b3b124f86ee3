/** The value below which a share of the samples lies, `share` in [0, 1]; the nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  const inOrder = [...samples].sort((a, b) => a - b)
  const rank = Math.min(inOrder.length - 1, Math.max(0, Math.ceil(share * inOrder.length) - 1))
  return inOrder[rank] ?? Number.NaN
}

export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5)
}

/**
 * Rounds of several contenders in turn, A B C A B C, after one round that does not count: a machine that slows down
 * slows all of them down. Answers each one's figures, in the order of the rounds.
 */
export async function inTurn<Name extends string>(
  contenders: { [name in Name]: () => Promise<number> },
  rounds: number,
): Promise<{ [name in Name]: number[] }> {
  const names = Object.keys(contenders) as Name[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as { [name in Name]: number[] }
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const figure = await contenders[name]()
      if (round > 0) figures[name].push(figure)
    }
  }
  return figures
}

/** The median of the ratios round by round. */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.map((figure, round) => figure / (theirs[round] ?? Number.NaN)))
}
