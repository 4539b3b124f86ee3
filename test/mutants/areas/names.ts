import { type Mutant, without } from '../mutant.js'

const SOURCE = 'lib/core/protocol/write-source.ts'
const STRICT = 'lib/core/protocol/write-strict.ts'
const TARGET = 'lib/core/protocol/write-target.ts'
const STEP = 'lib/core/protocol/step.ts'

/** Of named operations, which may come again from anywhere. */
export const NAME_MUTANTS: readonly Mutant[] = [
  without(
    'names that may be older than the process',
    'a named write that was overtaken is not remembered',
    STRICT,
    ['if (!named) return written(fence, numbered)', 'if (op) return written(fence, numbered)'],
    ['named', 'sleepers', 'model'],
  ),
  without(
    'names that may be older than the process',
    'the source is not asked for a name before the target numbers (strict)',
    STRICT,
    ['if (mayBeKnownFromBefore(task, state.eraAt)) {', 'if (state.eraAt < 0) {'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'the source is not asked for a name before the target numbers (rampdown)',
    TARGET,
    ['if (mayBeKnownFromBefore(task, state.eraAt)) {', 'if (state.eraAt < 0) {'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'the target is not asked for a name before the source numbers',
    SOURCE,
    ['if (mayBeKnownFromBefore(task, state.aloneUntil ?? 0)) {', 'if (state.eraAt < 0) {'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'a writer at the source does not ask for its name',
    STEP,
    ['const recall = task.operation.named ? { recall: task.operation.op } : {}', 'const recall = {}'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'a refusal is spoken though an earlier process may have executed it',
    TARGET,
    ['if (task.operation.named) {\n    const { answer }', 'if (task.slot < 0) {\n    const { answer }'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'a number given to an earlier process is taken for one upon this base',
    TARGET,
    ['base: operation.named ? null : base,', 'base,'],
    ['named', 'model'],
  ),
  without(
    'names that may be older than the process',
    'a number given to an earlier process is taken for one of this value',
    TARGET,
    ['payload: sameValue ? payload : null,', 'payload,'],
    ['named', 'model'],
  ),
]
