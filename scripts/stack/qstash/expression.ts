/**
 * Evaluates a retry-delay expression such as `max(1000, pow(2, retried) * 500)`: numbers, `retried`, + - * / and the
 * listed functions. Nothing else is reachable from it. Throws `SyntaxError` on anything that is not such an expression.
 */
export function evaluateExpression(source: string, retried: number): number {
  if (source.length > lengthMax) throw new SyntaxError(`A retry delay has at most ${lengthMax} characters.`)
  const tokens = tokenize(source)
  let position = 0
  const value = sum()
  if (position < tokens.length) throw unexpected(tokens[position])
  if (!Number.isFinite(value)) throw new SyntaxError('A retry delay must be a finite number.')
  return value

  function sum(): number {
    let left = product()
    for (let operator = peek(); operator === '+' || operator === '-'; operator = peek()) {
      position += 1
      left = operator === '+' ? left + product() : left - product()
    }
    return left
  }

  function product(): number {
    let left = atom()
    for (let operator = peek(); operator === '*' || operator === '/'; operator = peek()) {
      position += 1
      left = operator === '*' ? left * atom() : left / atom()
    }
    return left
  }

  function atom(): number {
    const token = tokens[position]
    position += 1
    if (token === undefined) throw unexpected(token)
    if (token === '-') return -atom()
    if (token === '(') return closed(sum())
    if (/^[\d.]/.test(token)) return Number(token)
    if (token === 'retried') return retried
    const apply = functions.get(token)
    if (apply === undefined || peek() !== '(') throw unexpected(token)
    position += 1
    const values = [sum()]
    while (peek() === ',') {
      position += 1
      values.push(sum())
    }
    return closed(apply(...values))
  }

  function closed(value: number): number {
    if (peek() !== ')') throw unexpected(peek())
    position += 1
    return value
  }

  function peek(): string | undefined {
    return tokens[position]
  }
}

function tokenize(source: string): string[] {
  const tokens = source.match(/\d+(?:\.\d+)?|[a-z]+|[-+*/(),]|\S/gi) ?? []
  const foreign = tokens.find((token) => !/^(\d+(\.\d+)?|[a-z]+|[-+*/(),])$/.test(token))
  if (foreign !== undefined) throw unexpected(foreign)
  return tokens
}

function unexpected(token: string | undefined): SyntaxError {
  return new SyntaxError(token === undefined ? 'The retry delay ends too early.' : `Unexpected "${token}".`)
}

const functions: ReadonlyMap<string, (...values: number[]) => number> = new Map([
  ['pow', (base = Number.NaN, exponent = Number.NaN) => base ** exponent],
  ['sqrt', (value = Number.NaN) => Math.sqrt(value)],
  ['abs', (value = Number.NaN) => Math.abs(value)],
  ['exp', (value = Number.NaN) => Math.exp(value)],
  ['floor', (value = Number.NaN) => Math.floor(value)],
  ['ceil', (value = Number.NaN) => Math.ceil(value)],
  ['round', (value = Number.NaN) => Math.round(value)],
  ['min', (...values: number[]) => Math.min(...values)],
  ['max', (...values: number[]) => Math.max(...values)],
] as const)

const lengthMax = 256
