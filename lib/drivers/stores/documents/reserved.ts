import type { Copy } from '../../../core/copy.js'
import { CutoverError } from '../../../core/error.js'
import { decodeFence, INITIAL_FENCE } from '../../../core/fence.js'
import { isJsonObject, type Json, type JsonObject } from '../../../core/json.js'
import { operationKey } from '../../../core/operation.js'
import type { Plan, Remembered, SourceControl } from '../../../core/protocol/answers.js'
import { LEGACY_VERSION } from '../../../core/version.js'

/**
 * The member `$cutover`, which a document of records holds beside them:
 *
 *     {"fence": {...}, "hold": true, "plan": {...}, "heartbeat": 7, "idOutside": true, "inMember": false,
 *      "versions": {"a": [4294967296, "op"]}, "tombstones": {"b": [4294967297, "op"]},
 *      "operations": [["op", 4294967296, 1700000000000]]}
 *
 * A record without an entry in `versions` is older than cutover. Whatever is not as it should be is refused: a version
 * that nobody can read must not become the first one again.
 */
export interface Reserved {
  control: SourceControl
  versions: ReadonlyMap<string, Numbered>
  tombstones: ReadonlyMap<string, Numbered>
  remembered: Map<string, Remembered & { at: number }>
  /** Records in a map do not hold their id. `null`: the records tell. */
  idOutside: boolean | null
  /** The records are in the collection's member. `null`: the document tells. */
  inMember: boolean | null
}

export const RESERVED = '$cutover'

type Numbered = Pick<Copy, 'version' | 'op'>

export function readReserved(value: Json | undefined, name: string): Reserved {
  if (value === undefined) {
    const control: SourceControl = { fence: INITIAL_FENCE, hold: false, plan: null, heartbeat: 0 }
    const none = new Map()
    return { control, versions: none, tombstones: none, remembered: new Map(), idOutside: null, inMember: null }
  }
  if (!isJsonObject(value)) throw damaged(name, `holds a ${RESERVED} member that is not an object.`)
  const { fence, hold = false, plan = null, heartbeat = 0, idOutside = false, inMember = null } = value
  if (typeof hold !== 'boolean' || !Number.isSafeInteger(heartbeat) || !(plan === null || isPlan(plan, name)))
    throw damaged(name, `holds a ${RESERVED} member with a damaged hold, plan or heartbeat. ${RESTORE}`)
  return {
    control: {
      fence: decodeFence(fence, name),
      hold,
      plan: plan as unknown as Plan | null,
      heartbeat: heartbeat as number,
    },
    versions: readNumbered(value.versions, 'versions', name),
    tombstones: readNumbered(value.tombstones, 'tombstones', name),
    remembered: readOperations(value.operations, name),
    idOutside: idOutside === true,
    inMember: typeof inMember === 'boolean' ? inMember : null,
  }
}

export function renderReserved(
  control: SourceControl,
  copies: ReadonlyMap<string, Copy>,
  remembered: Reserved['remembered'],
  layout: { idOutside: boolean; inMember: boolean },
): string {
  // Without a prototype: ids may be named like members of Object.
  const versions: JsonObject = Object.create(null)
  const tombstones: JsonObject = Object.create(null)
  for (const [id, { version, op, value }] of copies) {
    if (value === null) tombstones[id] = [version, op]
    else if (version !== LEGACY_VERSION || op !== '') versions[id] = [version, op]
  }
  const { fence, hold, plan, heartbeat } = control
  return JSON.stringify({
    fence,
    hold: hold || undefined,
    plan: plan ?? undefined,
    heartbeat,
    idOutside: layout.idOutside || undefined,
    inMember: layout.inMember,
    versions,
    tombstones,
    // A list, because an object would put some names first and cannot carry others.
    operations: [...remembered.values()].map(({ op, version, at }) => [op, version, at]),
  })
}

function isPlan(value: Json, name: string): boolean {
  if (!isJsonObject(value)) return false
  const { fence, first, by, reason, at, from, to } = value
  decodeFence(fence, name)
  const known = (first === 'source' || first === 'target') && Number.isFinite(at)
  return known && [by, reason, from, to].every((text) => typeof text === 'string')
}

function readNumbered(value: Json | undefined, kind: string, name: string): Map<string, Numbered> {
  if (!isJsonObject(value)) throw damaged(name, `holds a ${RESERVED} member without ${kind}. ${RESTORE}`)
  const numbered = new Map<string, Numbered>()
  for (const [id, entry] of Object.entries(value)) {
    const [version, op] = Array.isArray(entry) ? entry : []
    if (!isVersion(version) || !isOperation(op))
      throw damaged(name, `holds a damaged entry for ${JSON.stringify(id)} in the ${kind} of ${RESERVED}. ${RESTORE}`)
    numbered.set(id, { version, op })
  }
  return numbered
}

function readOperations(value: Json | undefined, name: string): Reserved['remembered'] {
  const remembered: Reserved['remembered'] = new Map()
  for (const entry of Array.isArray(value) ? value : [undefined]) {
    const [op, version, at] = Array.isArray(entry) ? entry : []
    if (!isOperation(op) || !isVersion(version) || typeof at !== 'number' || !Number.isFinite(at))
      throw damaged(name, `holds a damaged entry in the operations of ${RESERVED}. ${RESTORE}`)
    remembered.set(operationKey(op), { op, version, at })
  }
  return remembered
}

const RESTORE = 'Restore the document from a backup.'

function isVersion(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

/** Of another form it would be refused by the target, which keeps it within a line of text. */
function isOperation(value: Json | undefined): value is string {
  return typeof value === 'string' && /^[\w.-]*$/.test(value)
}

export function damaged(name: string, fault: string): CutoverError {
  return new CutoverError('corrupt-document', `The document ${name} ${fault}`, { details: { document: name } })
}
