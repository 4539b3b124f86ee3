import type { FlagDefinition } from '../../../lib/core/flags/definition.js'

/** A boolean flag that is on and rolls out nothing, with whatever else is said of it. */
export function flagNamed(name: string, more: Partial<FlagDefinition> = {}): FlagDefinition {
  return {
    name,
    description: '',
    kind: 'boolean',
    variants: { on: true, off: false },
    fallback: 'off',
    on: true,
    rules: [],
    rollout: { percent: 0, split: [{ variant: 'on', weight: 1 }] },
    salt: name,
    sticky: false,
    from: null,
    until: null,
    schedule: [],
    ...more,
  }
}
