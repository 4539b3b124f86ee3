/** Shows text that came from elsewhere: nothing in it may steer a terminal. */
export function printable(text: string): string {
  return text.replace(STEERING, (found) => `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
}

/** One line of JSON, with what JSON itself would let through to a terminal escaped. */
export function jsonLine(value: unknown): string {
  return `${printable(JSON.stringify(value) ?? 'null')}\n`
}

/** Lines whose columns stand under each other. Columns of numbers are aligned to the right. */
export function columns(rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string[] {
  const widths: number[] = []
  for (const row of rows) {
    for (const [at, cell] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, lengthOf(cell))
  }
  return rows.map((row) => {
    const cells = row.map((cell, at) => {
      const blanks = ' '.repeat((widths[at] ?? 0) - lengthOf(cell))
      return right.has(at) ? blanks + cell : cell + blanks
    })
    return cells.join('  ').trimEnd()
  })
}

export function shortened(text: string, charsMax: number): string {
  const characters = [...text]
  return characters.length <= charsMax ? text : `${characters.slice(0, charsMax - 1).join('')}…`
}

/** Control characters, and those that turn the direction of writing. */
const STEERING = /[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu

function lengthOf(text: string): number {
  return [...text].length
}
