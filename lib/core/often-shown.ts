/**
 * What of a dashboard changes often, and is what somebody may have to act on: a page that is open asks for these again
 * and again, and for everything more rarely. They are gathered so that together they cost no more than one of them.
 */
export const OFTEN_SHOWN = [
  'health',
  'emergencyStop',
  'overrides',
  'collections',
  'runs',
  'latestRuns',
  'alerts',
] as const
