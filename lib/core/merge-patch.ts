import { isJsonObject, type Json, type JsonObject } from './json.js'

/**
 * RFC 7386: members of the patch replace those of the target, `null` removes, objects merge, all else replaces whole.
 * Neither argument is changed; the result may share parts with both. Members named `__proto__` are plain members.
 */
export function mergePatch(target: Json, patch: JsonObject): JsonObject
export function mergePatch(target: Json | undefined, patch: Json): Json
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  // A map and `fromEntries` define members; assignment would take `__proto__` for the prototype.
  const members = new Map<string, Json>(isJsonObject(target) ? Object.entries(target) : [])
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name)
    else members.set(name, mergePatch(members.get(name), value))
  }
  return Object.fromEntries(members)
}
