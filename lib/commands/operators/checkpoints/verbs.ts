export const checkpointVerbs = [] as const
