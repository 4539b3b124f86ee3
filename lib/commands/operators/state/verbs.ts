export const stateVerbs = [] as const
