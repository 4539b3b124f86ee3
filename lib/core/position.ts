/** Positions of a ledger's entries are `<commit>-<number within it>`; below 0: `a` lies before `b`. */
export function comparePositions(a: string, b: string): number {
  const [commitA = 0, numberA = 0] = a.split('-').map(Number)
  const [commitB = 0, numberB = 0] = b.split('-').map(Number)
  return commitA - commitB || numberA - numberB
}
