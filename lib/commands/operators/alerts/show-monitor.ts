import * as z from 'zod'
import { monitorOfComponent, monitors } from '../../../engine/monitor/monitors.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { monitorShape, shownMonitor } from './monitor-shape.js'

export const showMonitor = command({
  name: 'show-monitor',
  summary: 'Where every rule of a component stands, by its latest weighing, and how near its threshold is.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/monitor/{component}' },
  input: z.strictObject({ component: z.string().min(1).describe('Name of the component') }),
  output: monitorShape,
  run: async ({ engine }: CommandContext, { component }) => shownMonitor(await monitorOfComponent(engine, component)),
})

/** The same of every component at once, for `show-dashboard`. */
export const allMonitors = {
  input: z.strictObject({}),
  output: z.array(monitorShape),
  run: async ({ engine }: CommandContext) => (await monitors(engine)).map(shownMonitor),
}
