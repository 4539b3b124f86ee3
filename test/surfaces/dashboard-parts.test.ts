import { afterEach, expect, test } from 'vitest'
import { commandContext } from '../../api/_surfaces/context.js'
import { showDashboard } from '../../lib/commands/operators/state/show-dashboard.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

let running: RunningApp | undefined
afterEach(() => running?.close())

test('a fault of ours in one part leaves the others, is told to the log, and says nothing of its message', async () => {
  running = await runApp({ 'projects.json': '{}', 'resources.json': '{}' }, {})
  const context = await commandContext(running.wired)
  const faults: [where: string, error: unknown][] = []
  const fault = new TypeError('a payload')
  const broken = new Proxy(Object.create(null), {
    get: () => {
      throw fault
    },
  })
  const engine = { ...context.engine, breakers: broken }
  const asked = showDashboard.input.parse({})
  const caller = { name: 'test', role: 'viewer' as const }
  const answer = await showDashboard.run({ ...context, engine, fault: (...told) => faults.push(told) }, asked, caller)
  expect(answer.missing).toContainEqual({ part: 'breakers', code: 'internal' })
  expect(answer.collections).toHaveLength(2)
  expect(faults).toContainEqual(['show-dashboard: breakers', fault])
  expect(JSON.stringify(answer)).not.toContain('a payload')
})
