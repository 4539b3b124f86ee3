import * as z from 'zod'
import { type MigrationPlan, TIME_SCALE_MIN } from '../../../core/plan/plan.js'
import { theWeek } from '../../../core/plan/the-week.js'
import { switchedComponent } from '../../../engine/autopilot/of-component.js'
import { planStatus } from '../../../engine/autopilot/status.js'
import { startPlan as start } from '../../../engine/autopilot/steer.js'
import { collectionOf } from '../../../engine/context.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { autopilotFor, planShape, stepsShape } from '../../autopilot.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { keepFirstEstimate } from '../../keep-estimate.js'
import { reasonInput } from '../../shapes.js'
import { shownPlan } from '../../shown-plan.js'

export const startPlan = command({
  name: 'start-plan',
  summary: 'Starts the autopilot: the default week, or steps of your own.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/plans' },
  input: z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .default('the-week'),
    collections: z.array(z.string()).optional().describe('Default: all'),
    components: z
      .array(z.string())
      .optional()
      .describe('Components that a flag switches; they take own steps with `rollout`'),
    timeScale: z
      .number()
      .min(TIME_SCALE_MIN)
      .max(10_000_000)
      .default(1)
      .describe('1: real days; 86400: a day in a second'),
    minSamples: z
      .number()
      .int()
      .min(0)
      .optional()
      .describe('Read comparisons that a rollout step needs (default plan)'),
    minOperations: z.number().int().min(0).optional().describe('Operations that an error rate needs (default plan)'),
    steps: stepsShape.optional().describe('Default: the week'),
    ...reasonInput.shape,
  }),
  output: planShape,
  run: async (context: CommandContext, input, caller) => {
    await refuseWhileStopped(context.engine)
    const { name, timeScale, reason, minSamples, minOperations } = input
    const { components = [] } = input
    const all = components.length > 0 ? [] : context.engine.collections.map((collection) => collection.name)
    const collections = input.collections ?? all
    for (const collection of collections) collectionOf(context.engine, collection)
    for (const component of components) await switchedComponent(context.engine, component)
    const options = {
      name,
      timeScale,
      ...(minSamples === undefined ? {} : { minSamples }),
      ...(minOperations === undefined ? {} : { minOperations }),
    }
    const plan =
      input.steps === undefined
        ? theWeek(collections, options)
        : { name, collections, components, timeScale, steps: input.steps as MigrationPlan['steps'] }
    const autopilot = autopilotFor(context)
    await start(autopilot, plan, { by: caller.name, reason })
    // Steps of one's own are a course that no estimate was made for.
    if (input.steps === undefined && collections.length > 0)
      await keepFirstEstimate(context, { course: 'week', collections, timeScale }, 'start-plan')
    return shownPlan(await planStatus(autopilot, name))
  },
})
