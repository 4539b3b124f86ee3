/** What of a value JSON cannot carry, or would bring back as something else. `steps` lead to it, the last one first. */
export interface ValueFault {
  what: 'The value at' | 'The member'
  steps: string[]
  text: string
}

/** The first fault of a value. Where it is is put together on the way back from it: a value without one costs no text. */
export function faultIn(value: unknown, depth = 0): ValueFault | null {
  const text = faultOfValue(value, depth)
  if (text !== null) return { what: 'The value at', steps: [], text }
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const fault = faultIn(value[at], depth + 1)
      if (fault !== null) return below(`[${at}]`, fault)
    }
    return null
  }
  for (const name of Object.keys(value)) {
    const wrong = faultOfName(name)
    if (wrong !== null) return { what: 'The member', steps: [step(name)], text: wrong }
    const fault = faultIn((value as { [name: string]: unknown })[name], depth + 1)
    if (fault !== null) return below(step(name), fault)
  }
  return null
}

function below(place: string, fault: ValueFault): ValueFault {
  fault.steps.push(place)
  return fault
}

/** Levels of objects and arrays in one value. */
export const JSON_DEPTH_MAX = 64
export const TOO_DEEP = `is nested more than ${JSON_DEPTH_MAX} levels deep`
export const HALF_PAIR = 'contains half of a surrogate pair, which UTF-8 cannot carry'

function faultOfValue(value: unknown, depth: number): string | null {
  if (value === null || typeof value === 'boolean') return null
  if (typeof value === 'string') return value.isWellFormed() ? null : HALF_PAIR
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'is not a finite number'
    return Object.is(value, -0) ? 'is -0, which comes back as 0' : null
  }
  if (typeof value !== 'object') return `is of type ${typeof value}, which JSON cannot carry`
  if (depth >= JSON_DEPTH_MAX) return TOO_DEEP
  const plain = Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]'
  // Only a method of that name changes what JSON makes of a value; a member may be called so.
  const changes = 'toJSON' in value && typeof value.toJSON === 'function'
  return plain && !changes ? null : 'is not a plain object or array'
}

export function faultOfName(name: string): string | null {
  if (name === '__proto__') return 'has a name that JavaScript gives another meaning'
  return name.isWellFormed() ? null : HALF_PAIR
}

/** How a member is named in a path. */
export function step(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}
