import type { SigningKeys } from '../model.js'
import type { Office } from '../office.js'
import { freshId } from '../random.js'
import { json, type Route, saved } from '../route.js'

export const keyRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/v2\/keys$/, handle: ({ office }) => json(office.state.keys) },
  { method: 'POST', pattern: /^\/v2\/keys\/rotate$/, handle: ({ office }) => saved(office, json(rotateKeys(office))) },
]

/** The next key becomes the current one. A receiver that still holds the former pair accepts it as its next key. */
export function rotateKeys(office: Office): SigningKeys {
  office.state.keys = { current: office.state.keys.next, next: freshId('sig') }
  office.file.changed()
  return { ...office.state.keys }
}
