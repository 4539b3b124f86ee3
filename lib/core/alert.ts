/** Something that somebody must look at. */
export interface Alert {
  id: string
  /** Wall-clock milliseconds. */
  at: number
  severity: 'critical' | 'warning'
  kind: 'target-lost-data' | 'store-unreachable'
  collection: string | null
  message: string
  acknowledgedBy: string | null
}
