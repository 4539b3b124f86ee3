import * as z from 'zod'
import { archiveLedger } from '../../../engine/finish/archive.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const closeLedger = command({
  name: 'close-ledger',
  summary: 'When everything is cleaned up: archives audit trail, runs and plans as a document and removes them.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/close-ledger' },
  input: z.strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9._/-]+$/)
      .default('exports/cutover-ledger.json')
      .describe('Document to write'),
  }),
  output: z.object({ document: z.string(), auditEntries: z.number().int(), documents: z.number().int() }),
  run: ({ engine }: CommandContext, { name }) => archiveLedger(engine, engine.documents, name),
})
