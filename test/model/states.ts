/**
 * A set of states of the whole, each a row of small numbers, in the order in which they were found, with the state it
 * was first reached from: rows lie side by side in one array, and an open-addressed table finds them again.
 */
export interface States {
  readonly size: number
  /** Adds the row if it is new; its number if it was, else -1. */
  add(row: Int32Array, from: number): number
  read(number: number, into: Int32Array): void
  from(number: number): number
}

export function statesOf(width: number): States {
  let capacity = 1 << 12
  let rows = new Int32Array(capacity * width)
  let parents = new Int32Array(capacity)
  let table = new Int32Array(capacity * 4).fill(-1)
  let size = 0

  const hash = (row: Int32Array, start: number): number => {
    let mixed = 0x811c9dc5
    for (let at = 0; at < width; at++) {
      mixed = Math.imul(mixed ^ (row[start + at] ?? 0), 0x01000193)
      mixed ^= mixed >>> 15
    }
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0x5bd1e995)
    return (mixed ^ (mixed >>> 16)) >>> 0
  }
  const same = (row: Int32Array, number: number): boolean => {
    const start = number * width
    for (let at = 0; at < width; at++) if (rows[start + at] !== row[at]) return false
    return true
  }
  /** Where the row stands in the table, or the free place for it. */
  const place = (row: Int32Array): number => {
    const mask = table.length - 1
    let at = hash(row, 0) & mask
    while ((table[at] ?? -1) >= 0 && !same(row, table[at] ?? -1)) at = (at + 1) & mask
    return at
  }
  const grow = (): void => {
    capacity *= 2
    const [oldRows, oldParents] = [rows, parents]
    rows = new Int32Array(capacity * width)
    rows.set(oldRows)
    parents = new Int32Array(capacity)
    parents.set(oldParents)
    table = new Int32Array(capacity * 4).fill(-1)
    for (let number = 0; number < size; number++) {
      const mask = table.length - 1
      let at = hash(rows, number * width) & mask
      while ((table[at] ?? -1) >= 0) at = (at + 1) & mask
      table[at] = number
    }
  }
  return {
    get size() {
      return size
    },
    add(row, from) {
      const at = place(row)
      if ((table[at] ?? -1) >= 0) return -1
      rows.set(row, size * width)
      parents[size] = from
      table[at] = size
      size += 1
      if (size === capacity) grow()
      return size - 1
    },
    read(number, into) {
      for (let at = 0; at < width; at++) into[at] = rows[number * width + at] ?? 0
    },
    from: (number) => parents[number] ?? -1,
  }
}
