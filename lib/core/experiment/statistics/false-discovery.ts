/**
 * How many of the things one finds are nothing, when one looks at many: of all findings, on average at most the share
 * `alpha` is false.
 *
 * - Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57, 1995: tests independent, or dependent in
 *   the same direction.
 * - Benjamini and Yekutieli, "The control of the false discovery rate in multiple testing under dependency", Annals of
 *   Statistics 29, 2001: any dependence, at the price of a factor 1 + 1/2 + ... + 1/m.
 * - Wang and Ramdas, "False discovery rate control with e-values", JRSS B 84, 2022 (e-BH): any dependence, no factor.
 */
export function adjustedPs(ps: readonly number[], by: 'benjamini-hochberg' | 'benjamini-yekutieli'): number[] {
  const m = ps.length
  const factor = by === 'benjamini-hochberg' ? 1 : ps.reduce((sum, _, at) => sum + 1 / (at + 1), 0)
  const order = ps.map((p, at) => ({ p, at })).sort((a, b) => b.p - a.p)
  const adjusted = new Array<number>(m).fill(1)
  let least = 1
  order.forEach(({ p, at }, from) => {
    least = Math.min(least, (p * factor * m) / (m - from))
    adjusted[at] = least
  })
  return adjusted
}

/** Which of these hypotheses e-BH rejects: the k largest e-values, for the largest k of which each is m / (alpha k). */
export function rejectedByE(logEs: readonly number[], alpha: number): boolean[] {
  const m = logEs.length
  const falling = [...logEs].sort((a, b) => b - a)
  let bound = Number.POSITIVE_INFINITY
  falling.forEach((logE, at) => {
    if (logE >= Math.log(m / (alpha * (at + 1)))) bound = logE
  })
  return logEs.map((logE) => logE >= bound)
}
