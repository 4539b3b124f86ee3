/**
 * Where a monotone function changes its sign between two bounds, by halving: slower than cleverer ways, and never
 * wrong. The answer is exact to the last digits, or to `within`; if the sign is the same at both bounds, it is the nearer
 * bound.
 */
export function solve(f: (x: number) => number, low: number, high: number, within = 0): number {
  let [below, above] = [low, high]
  const rising = f(high) >= f(low)
  for (let halving = 0; halving < HALVINGS_MAX; halving++) {
    const middle = (below + above) / 2
    if (middle <= below || middle >= above || above - below < within) break
    if (f(middle) > 0 === rising) above = middle
    else below = middle
  }
  return (below + above) / 2
}

const HALVINGS_MAX = 100
