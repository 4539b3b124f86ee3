export const programVerbs = [] as const
