import { render } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { BrowserParts, type InBrowser } from '../../../lib/dashboard/page/in-browser.js'
import { Performance } from '../../../lib/dashboard/page/performance.js'
import type { Part } from '../../../lib/dashboard/state.js'
import { dashboardState } from '../fixtures.js'

type Component = Part<'components'>[number]

const source = { path: 'source', sharePercent: 90, operations: 2_000, errors: 5, p50Ms: 1.25, p95Ms: 8, p99Ms: 1_400 }
const unused = { path: 'target', sharePercent: 10, operations: 0, errors: 0, p50Ms: null, p95Ms: null, p99Ms: null }

function component(name: string): Component {
  return {
    name,
    kind: 'collection',
    flag: null,
    description: '',
    stage: 'live',
    rolloutPercent: 10,
    health: 'good',
    plan: null,
    paths: [source, unused],
  }
}

function shown(components: Component[] | null): string {
  const missing = [{ part: 'components', code: 'unavailable' }]
  return render(<Performance state={dashboardState({ components, missing })} />)
}

/** What the cells of each row say. */
function rowsOf(html: string): string[][] {
  return html
    .split('<tr>')
    .slice(1)
    .map((row) => [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, text = '']) => text))
}

test('both paths of a component stand below each other, with their latencies and errors', () => {
  expect(rowsOf(shown([component('projects')])).slice(1)).toEqual([
    ['projects', 'source', '1.3 ms', '8 ms', '1.4 s', '0.25 %', '2,000', '90 %'],
    ['target', '–', '–', '–', '–', '0', '10 %'],
  ])
})

test('a component that could not be read is not shown as if there were none', () => {
  expect(shown(null)).toContain('could not be read just now (unavailable)')
  expect(shown([])).toContain('There is no component')
})

test('of many components some are behind a click', () => {
  const html = shown(Array.from({ length: 9 }, (_, number) => component(`part-${number}`)))
  expect(html.indexOf('part-5')).toBeLessThan(html.indexOf('<details>'))
  expect(html.indexOf('part-6')).toBeGreaterThan(html.indexOf('<details>'))
  expect(html).toContain('3 more components')
})

test('names are text, whatever they are', () => {
  expect(shown([component('<img src=x onerror=alert(1)>')])).not.toContain('<img')
})

test('the browser begins from what the server has drawn', () => {
  const parts = { Charts: () => <p>charts</p> } as unknown as InBrowser
  const state = dashboardState({ components: [component('projects')] })
  const begun = render(
    <BrowserParts.Provider value={parts}>
      <Performance state={state} />
    </BrowserParts.Provider>,
  )
  expect(begun).toBe(render(<Performance state={state} />))
})
