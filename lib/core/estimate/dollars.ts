/** `$12.40`, `$0.05`, `$0.0042`, `<$0.0001`: small amounts with the digits that they have. */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.0001) return '<$0.0001'
  if (usd > 0 && usd < 0.01) return `$${Number(usd.toPrecision(2))}`
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`
}
