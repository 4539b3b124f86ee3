import type { FunctionComponent } from 'preact'
import { render } from 'preact-render-to-string'
import { type Steering, Steers } from '../../lib/dashboard/page/steering.js'
import type { DashboardState } from '../../lib/dashboard/state.js'
import { dashboardState } from './fixtures.js'

/** Markup that would run if it were not escaped. */
export const HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(2)>'

/** A part of the page, as an operator is shown it on a day at noon: its markup, and what one reads of it. */
export function shownPart(
  Part: FunctionComponent<{ state: DashboardState }>,
  members: Partial<DashboardState>,
  role: Steering['role'] = 'operator',
): { html: string; text: string; acts: string[] } {
  const steering: Steering = { role, zone: 'UTC', nowMs: Date.parse('2026-11-21T12:00:00.000Z'), ask: () => {} }
  const html = render(
    <Steers.Provider value={steering}>
      <Part state={dashboardState(members)} />
    </Steers.Provider>,
  )
  const acts = [...html.matchAll(/data-act="([^"]*)"/g)].map(([, act = '']) => act)
  return { html, text: readable(html), acts }
}

function readable(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ')
    .replace(/ ([,.:;)])/g, '$1')
}
