import { type Comparison, shownValue } from './experiment-words.js'

/** Room at both ends, as a share of what is drawn. */
const ROOM = 0.12

/**
 * Where the difference lies, against nought and against what is still accepted. Drawn alone it would be nothing to
 * whoever cannot see it: the words below say the same.
 */
export function Interval({ comparison, margin }: { comparison: Comparison; margin: number | null }) {
  const { interval, difference } = comparison
  if (interval === null || difference === null) return null
  const { low, high } = interval
  const x = scaleOf([low, high, 0, ...(margin === null ? [] : [margin])])
  return (
    <svg class="interval" width="100%" height="44" aria-hidden="true">
      {margin === null ? null : <Beyond x={x} margin={margin} />}
      <line class="nought" x1={x(0)} x2={x(0)} y1="2" y2="28" />
      <text x={x(0)} y="42" text-anchor="middle">
        0
      </text>
      {margin === null ? null : (
        <text x={x(margin)} y="42" text-anchor={margin > 0 ? 'end' : 'start'}>
          margin
        </text>
      )}
      <line class="span" x1={x(low)} x2={x(high)} y1="15" y2="15" />
      <line class="span" x1={x(low)} x2={x(low)} y1="9" y2="21" />
      <line class="span" x1={x(high)} x2={x(high)} y1="9" y2="21" />
      <circle cx={x(difference)} cy="15" r="4.5" />
    </svg>
  )
}

/** What is worse than accepted. */
function Beyond({ x, margin }: { x: (value: number) => string; margin: number }) {
  const at = Number.parseFloat(x(margin))
  const [from, width] = margin > 0 ? [at, 100 - at] : [0, at]
  return (
    <>
      <rect class="beyond" x={`${from}%`} width={`${width}%`} y="2" height="26" />
      <line class="margin" x1={x(margin)} x2={x(margin)} y1="2" y2="28" />
    </>
  )
}

/** `95 % interval, which holds at every look: −4.51 to +6.65; it contains 0. Accepted up to +16.8.` */
export function intervalInWords({ kind, interval }: Comparison, margin: number | null): string {
  if (interval === null) return 'No interval yet: not enough evidence.'
  const { low, high, level, holds } = interval
  const percent = `${Number((level * 100).toPrecision(3))} % interval, ${HOLDS[holds]}`
  const sides = low <= 0 && high >= 0 ? 'which contains 0' : `all of it ${low > 0 ? 'above' : 'below'} 0`
  const accepted = margin === null ? '' : ` Accepted: ${marginInWords(kind, margin, interval)}.`
  return `${percent}: ${shownValue(kind, low, true)} to ${shownValue(kind, high, true)}, ${sides}.${accepted}`
}

function marginInWords(kind: string, margin: number, { low, high }: { low: number; high: number }): string {
  const [inside, outside] = margin > 0 ? [high < margin, low > margin] : [low > margin, high < margin]
  const bound = `${margin > 0 ? 'up to' : 'down to'} ${shownValue(kind, margin, true)}`
  return `${bound}, ${inside ? 'and all of it is' : outside ? 'and none of it is' : 'and only part of it is'}`
}

const HOLDS = {
  'at-every-look': 'at every look',
  'at-planned-looks': 'at planned looks',
  once: 'for one look',
} as const

function scaleOf(values: readonly number[]): (value: number) => string {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const room = (high - low) * ROOM || 1
  const [from, to] = [low - room, high + room]
  return (value) => `${Number((((value - from) / (to - from)) * 100).toFixed(2))}%`
}
