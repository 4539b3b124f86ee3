import type { Method } from './experiment.js'
import { type Hypothesis, logEvidenceOf, type Pair, pOf } from './hypothesis.js'
import { adjustedPs, rejectedByE } from './statistics/false-discovery.js'
import { boundaries, spentBy } from './statistics/group-sequential.js'
import { normalUpperQuantile } from './statistics/normal.js'

/** What was found of one hypothesis. */
export interface Test {
  shown: boolean
  /** For one look; with always-valid evidence 1 / evidence, which holds at every look. */
  p: number | null
  /** What a fair bet against the hypothesis has made of 1; always-valid only. */
  evidence: number | null
  /** What it had to reach: evidence, z of a planned look, or p after adjustment for the number of tests. */
  bound: number | null
}

/** What a test may rest on now. */
export interface Look {
  alpha: number
  method: Method
  /** Planned looks: shares of the planned subjects at those taken and, if this is one, at this. `null`: none is due. */
  shares: readonly number[] | null
  /** Boundaries found so far: each costs an integration. */
  found: Map<string, number>
}

/**
 * Tests of one hypothesis on many pairs as a family. `of: 'any'`: a finding anywhere is acted upon, so that the more
 * are looked at the more each must show (by e-BH, by Benjamini and Hochberg or Yekutieli, or, for planned looks, with
 * alpha in equal parts). `of: 'all'`: acted upon only if all are shown, which needs no correction (an intersection-union
 * test: R. L. Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 1982).
 */
export function judge(hypothesis: Hypothesis, pairs: readonly Pair[], of: 'any' | 'all', look: Look): Test[] {
  if (look.method.kind === 'always-valid') return alwaysValid(hypothesis, pairs, of, look.alpha)
  const ps = pairs.map((pair) => pOf(hypothesis, pair))
  if (look.shares === null) return ps.map((p) => ({ shown: false, p, evidence: null, bound: null }))
  if (look.method.kind === 'fixed') return once(ps, of, look.alpha, look.method.falseDiscovery)
  const sides = hypothesis === 'different' ? 2 : 1
  const alpha = of === 'any' ? look.alpha / Math.max(1, pairs.length) : look.alpha
  const z = boundaryOf(look, look.shares, alpha, look.method.spending, sides)
  return ps.map((p) => ({ shown: p !== null && zOfP(p, sides) >= z, p, evidence: null, bound: z }))
}

/** The same of a look, reckoned once. */
export function boundaryOf({ found }: Look, ...of: Parameters<typeof boundaryAt>): number {
  const [, alpha, , sides] = of
  const key = `${alpha} ${sides}`
  const z = found.get(key) ?? boundaryAt(...of)
  found.set(key, z)
  return z
}

/** The boundary of the last of these looks. */
export function boundaryAt(
  shares: readonly number[],
  alpha: number,
  spending: Extract<Method, { kind: 'group-sequential' }>['spending'],
  sides: 1 | 2,
): number {
  const spent = shares.map((share) => spentBy(share, alpha, spending, sides))
  return boundaries(shares, spent, sides).at(-1) ?? Number.POSITIVE_INFINITY
}

/** The larger a bet has grown, the fewer digits matter; JSON has no infinity. */
const LOG_EVIDENCE_MAX = Math.log(1e300)

function alwaysValid(hypothesis: Hypothesis, pairs: readonly Pair[], of: 'any' | 'all', alpha: number): Test[] {
  const logs = pairs.map((pair) => logEvidenceOf(hypothesis, pair))
  const known = logs.map((log) => log ?? Number.NEGATIVE_INFINITY)
  const shown = of === 'any' ? rejectedByE(known, alpha) : known.map((log) => log >= Math.log(1 / alpha))
  return logs.map((log, at) => {
    const evidence = log === null ? null : Math.exp(Math.min(log, LOG_EVIDENCE_MAX))
    const p = evidence === null ? null : Math.min(1, 1 / Math.max(evidence, 1e-300))
    return { shown: shown[at] ?? false, p, evidence, bound: 1 / alpha }
  })
}

function once(
  ps: readonly (number | null)[],
  of: 'any' | 'all',
  alpha: number,
  by: 'benjamini-hochberg' | 'benjamini-yekutieli',
): Test[] {
  const known = ps.map((p) => p ?? 1)
  const adjusted = of === 'any' ? adjustedPs(known, by) : known
  return ps.map((p, at) => {
    const bound = p === null ? null : (adjusted[at] ?? 1)
    return { shown: bound !== null && bound <= alpha, p, evidence: null, bound }
  })
}

function zOfP(p: number, sides: 1 | 2): number {
  return p >= 1 ? (sides === 2 ? 0 : Number.NEGATIVE_INFINITY) : normalUpperQuantile(p / sides)
}
