import { createContext, type FunctionComponent } from 'preact'
import { useContext, useEffect, useState } from 'preact/hooks'
import type { DashboardState } from '../state.js'

/**
 * What grows into the page once its script runs: parts that ask for more than the state holds. The server has none of
 * them, so that it does not carry what they are made of.
 */
export interface InBrowser {
  /** How both paths have done over time. */
  Charts: FunctionComponent<{ state: DashboardState }>
  /** The audit trail, with a filter and older entries. */
  AuditTrail: FunctionComponent<{ audit: NonNullable<DashboardState['audit']> }>
  /** Why a decision was made, asked for when somebody looks. */
  Why: FunctionComponent<{ decision: string }>
}

export const BrowserParts = createContext<InBrowser | null>(null)

/** `null` at first, in the browser too: what it begins from is the server's markup. */
export function useBrowserParts(): InBrowser | null {
  const parts = useContext(BrowserParts)
  const [begun, begin] = useState(false)
  useEffect(() => begin(true), [])
  return begun ? parts : null
}
