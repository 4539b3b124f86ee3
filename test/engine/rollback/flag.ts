import type { FlagDefinition } from '../../../lib/core/flags/definition.js'

/** A flag that sends a share of everybody to the path `new`. */
export function flagOf(name: string, percent: number): FlagDefinition {
  return {
    name,
    description: '',
    kind: 'boolean',
    variants: { on: true, off: false },
    fallback: 'off',
    on: true,
    rules: [],
    rollout: { percent, split: [{ variant: 'on', weight: 1 }] },
    salt: name,
    sticky: false,
    from: null,
    until: null,
    schedule: [],
  }
}
