import * as z from 'zod'
import type { Manifest } from '../../../core/backup/manifest.js'
import { collectionInput, stageShape } from '../../shapes.js'

export const backupInput = collectionInput.extend({ backupId: z.string().min(1).max(64).describe('Id of the back-up') })

export const backupShape = z.object({
  id: z.string(),
  collection: z.string(),
  status: z.enum(['validated', 'damaged']),
  fault: z.string().nullable().describe('What the last check found amiss'),
  beganAt: z.string(),
  endedAt: z.string(),
  checkedAt: z.string().describe('When every part of it was last read and found whole, or not'),
  by: z.string(),
  reason: z.string(),
  stage: stageShape,
  epoch: z.number().int(),
  records: z.number().int(),
  chars: z.number().int(),
  digest: z.string().describe('SHA-256 over the digests of all parts, in order'),
  sealed: z.boolean(),
  keyId: z.string().nullable().describe('Names the key that it is sealed with'),
  parts: z.number().int(),
})

/** A back-up as operators see it. */
export function shownBackup({
  form,
  lists,
  beganAt,
  endedAt,
  checkedAt,
  ...rest
}: Manifest): z.input<typeof backupShape> {
  const [began, ended, checked] = [beganAt, endedAt, checkedAt].map((at) => new Date(at).toISOString())
  return { ...rest, beganAt: began ?? '', endedAt: ended ?? '', checkedAt: checked ?? '', sealed: rest.keyId !== null }
}
