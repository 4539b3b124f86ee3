import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'
import { findProgram, programNames } from './kept.js'
import { programsOf } from './on-stores.js'
import { tickProgram } from './tick.js'

/** What the cron does for programs: gives every one that is under way a turn. */
export async function tickPrograms(context: EngineContext, deadlineAt: number): Promise<Json> {
  const told: { [program: string]: Json } = {}
  for (const name of await programNames(context.ledger)) {
    if (context.clock.now() >= deadlineAt) break
    const turned = await workProgram(context, { program: name }, deadlineAt).catch(failed)
    if (turned.kind !== 'rests') told[name] = turned
  }
  return told
}

/** One turn of one program, for a message of the queue; one of a program that is gone says nothing. */
export async function workProgram(
  context: EngineContext,
  { program }: { program: string },
  deadlineAt: number,
): Promise<{ kind: string }> {
  if ((await findProgram(context.ledger, program)) === null) return { kind: 'gone' }
  const { kind } = await tickProgram(programsOf(context), program, deadlineAt - MARGIN_MS)
  return { kind }
}

/** So that what is begun last can still be recorded. */
const MARGIN_MS = 2_000

function failed(error: unknown): { kind: string; code: string } {
  if (!(error instanceof CutoverError)) throw error
  return { kind: 'failed', code: error.code }
}
