import * as z from 'zod'
import { componentReports } from '../../../engine/programs/component-report.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

const nullable = z.number().nullable()

export const listComponents = command({
  name: 'list-components',
  summary: 'Every component: collections and declared parts, their stage or rollout, and how both paths have done.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/components' },
  input: z.strictObject({
    minutes: z.coerce.number().int().min(1).max(1_440).default(15).describe('How far back operations count'),
  }),
  output: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['collection', 'flag']),
      flag: z.string().nullable(),
      description: z.string(),
      stage: z.string().nullable(),
      rolloutPercent: nullable.describe('Share on the path that is moved to'),
      health: z.enum(['good', 'in-breach', 'unknown']).describe('What its rules came to within that time'),
      plan: z.string().nullable().describe('The plan at work on it'),
      paths: z.array(
        z.object({
          path: z.string(),
          sharePercent: nullable,
          operations: z.number().int(),
          errors: z.number().int(),
          p50Ms: nullable,
          p95Ms: nullable,
          p99Ms: nullable,
        }),
      ),
    }),
  ),
  run: async ({ engine }: CommandContext, { minutes }) => {
    const reports = await componentReports(engine, minutes)
    return reports.map(({ component, stage, rolloutPercent, paths, health, plan }) => ({
      name: component.name,
      kind: component.kind,
      flag: component.kind === 'flag' ? component.flag : null,
      description: component.kind === 'flag' ? component.description : '',
      ...{ stage, rolloutPercent, health, plan, paths },
    }))
  },
})
