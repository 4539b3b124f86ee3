export const metricsVerbs = [] as const
