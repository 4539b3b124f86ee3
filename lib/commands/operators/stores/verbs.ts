export const storeVerbs = [] as const
