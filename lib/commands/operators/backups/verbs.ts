export const backupVerbs = [] as const
