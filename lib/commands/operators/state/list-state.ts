import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import { STATE_KINDS } from '../../../core/state/kinds.js'
import { listState as list } from '../../../engine/state/list.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { periodInput, periodOf } from '../../shapes.js'

export const listState = command({
  name: 'list-state',
  summary: 'What the control plane remembers of one kind, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/state/{kind}' },
  input: z.strictObject({
    kind: z.enum(STATE_KINDS),
    component: z.string().optional(),
    where: z.string().max(500).optional().describe('Members that must be so, such as outcome=breach,metric=p95-ms'),
    ...periodInput.shape,
    before: z.string().optional().describe('Position to go on before'),
    limit: z.number().int().min(1).max(500).default(100),
  }),
  output: z.object({
    items: z.array(
      z.looseObject({
        position: z.string(),
        at: z.number().describe('Wall-clock milliseconds'),
        component: z.string().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  run: ({ engine }: CommandContext, { kind, component, where, since, until, before, limit }) =>
    list(engine.ledger, { kind, component, before, limit, ...periodOf({ since, until }), where: membersOf(where) }),
})

function membersOf(where = ''): { [member: string]: string } {
  const parts = where.split(',').filter((part) => part.trim() !== '')
  const pairs = parts.map((part): [string, string] => {
    const at = part.indexOf('=')
    if (at > 0) return [part.slice(0, at).trim(), part.slice(at + 1).trim()]
    throw new CutoverError('invalid-input', '`where` is made of member=value, with commas between.')
  })
  return Object.fromEntries(pairs)
}
