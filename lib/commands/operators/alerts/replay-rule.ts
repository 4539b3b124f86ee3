import * as z from 'zod'
import { replayRule as replay } from '../../../engine/monitor/replay.js'
import { readRule } from '../../../engine/monitor/rules.js'
import { timeOf } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { decisionShape, ruleMembers, ruleName, ruleOf, ruleShape } from '../../rule-shape.js'

const moment = z.iso.datetime({ offset: true })

export const replayRule = command({
  name: 'replay-rule',
  summary: 'What a rule would have decided over recorded history, and when; it changes nothing and tells nobody.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/rules/{name}/replay' },
  input: z.strictObject({
    name: ruleName,
    component: z.string().min(1).describe('Whose history'),
    rule: ruleMembers.omit({ component: true }).optional().describe('In place of the rule of this name'),
    from: moment,
    to: moment,
    stepMinutes: z.number().positive().optional().describe('Default: a fifth of a window'),
  }),
  output: z.object({
    rule: ruleShape,
    component: z.string(),
    stepMinutes: z.number(),
    weighed: z.number().int(),
    outcomes: z.record(decisionShape.shape.outcome, z.number().int()),
    rollbacks: z.number().int().describe('How often it would have rolled back'),
    decisions: z.array(
      z.object({
        at: z.string(),
        event: decisionShape.shape.event,
        outcome: decisionShape.shape.outcome,
        because: z.string(),
        action: z.string(),
        sentence: z.string(),
        numbers: z.record(z.string(), z.unknown()),
      }),
    ),
    more: z.boolean().describe('There were more decisions than are listed'),
    grainMs: z.number().describe('Windows are told no more exactly'),
    notes: z.array(z.string()),
  }),
  run: async ({ engine }: CommandContext, { name, component, rule: given, from, to, stepMinutes }) => {
    const rule =
      given === undefined ? (await readRule(engine, name, component)).rule : ruleOf(name, { ...given, component })
    const span = { from: Date.parse(from), to: Date.parse(to), stepMinutes }
    const { decisions, ...replayed } = await replay(engine, { rule, component, ...span })
    const shown = decisions.map((decision) => ({
      ...decision,
      at: timeOf(decision.at),
      numbers: { ...decision.numbers },
    }))
    const stages = rule.stages === null ? null : [...rule.stages]
    return { rule: { ...rule, stages }, component, ...replayed, decisions: shown, notes: notesOf(rule.stages !== null) }
  },
})

function notesOf(hasStages: boolean): string[] {
  const notes = ['What a rollback would have changed in the traffic after it is not known.']
  if (hasStages)
    notes.push('Where the collection stood is not recorded with the metrics: it is weighed at every stage.')
  return notes
}
