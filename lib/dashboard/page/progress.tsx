/** Without a known total it says how much is done, and shows no share. */
export function Progress({ label, done, total }: { label: string; done: number | null; total: number | null }) {
  if (total === null || total === 0 || done === null) return null
  return <progress aria-label={label} max={total} value={Math.min(done, total)} />
}
