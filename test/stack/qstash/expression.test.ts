import { expect, test } from 'vitest'
import { parseDurationMs } from '../../../scripts/stack/qstash/duration.js'
import { evaluateExpression } from '../../../scripts/stack/qstash/expression.js'

test.each([
  ['1000', 0, 1000],
  ['1000 * (1 + retried)', 2, 3000],
  ['pow(2, retried) * 1000', 3, 8000],
  ['max(1000, pow(2, retried) * 100)', 1, 1000],
  ['min(86400, exp(2.5 * retried)) * 1000', 1, Math.exp(2.5) * 1000],
  ['-(2 - 10) / 4 - 1', 0, 1],
  ['floor(sqrt(abs(-10))) + ceil(0.1) + round(0.6)', 0, 5],
])('%s with retried = %d is %d', (source, retried, expected) => {
  expect(evaluateExpression(source, retried)).toBeCloseTo(expected)
})

test.each(['', '1 +', 'pow(2', 'process', 'constructor(1)', 'a.b', 'retried(1)', '1 2', '1/0', '`x`', 'pow()', '2**3'])(
  '"%s" is refused',
  (source) => {
    expect(() => evaluateExpression(source, 0)).toThrow(SyntaxError)
  },
)

test.each([
  ['10s', 10_000],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['6', 6000],
  ['250ms', 250],
  ['soon', null],
  ['10x', null],
  ['', null],
])('the duration "%s" is %s ms', (text, expected) => {
  expect(parseDurationMs(text)).toBe(expected)
})
