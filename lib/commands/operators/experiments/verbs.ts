export const experimentVerbs = [] as const
