import * as z from 'zod'
import type { Command } from '../commands/command.js'
import { CutoverError } from '../core/error.js'
import type { Tool } from './tool.js'

/**
 * The operators' commands as tools, each for callers whose role includes the command's. A refusal is an answer like
 * any other, with its reason in it, and not an error. `looking`: for those that only read; default: the same.
 */
export function operatorTools<Context>(
  commands: readonly Command<Context, z.ZodType, z.ZodType>[],
  context: Context,
  looking = context,
): Tool[] {
  return commands.map((command) => ({
    name: command.name.replaceAll('-', '_'),
    title: titleOf(command.name),
    description: command.summary,
    role: command.role,
    annotations: {
      readOnlyHint: command.readOnly,
      destructiveHint: command.destructive,
      idempotentHint: command.readOnly,
      openWorldHint: false,
    },
    inputSchema: command.input,
    outputSchema: withObjectRoot(command.output),
    async run(input, caller) {
      if (caller === undefined) throw new CutoverError('unauthenticated', 'This tool needs a token.')
      return { output: command.output.parse(await command.run(command.readOnly ? looking : context, input, caller)) }
    },
  }))
}

/**
 * Protocols up to 2025-11-25 want `type: object` at the root; the SDK wraps outputs whose schema lacks it in a
 * `result` member, which a union of objects does not need.
 */
function withObjectRoot(output: z.ZodType): z.ZodType {
  const { type, anyOf, oneOf } = z.toJSONSchema(output, { io: 'output', unrepresentable: 'any' })
  const branches = anyOf ?? oneOf
  const isUnionOfObjects = type === undefined && branches?.every((branch) => branch.type === 'object')
  return isUnionOfObjects ? output.meta({ ...output.meta(), type: 'object' }) : output
}

function titleOf(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ')
}
