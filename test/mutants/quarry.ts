/** What is bundled for the simulation: the production code, mutated or not, and what hunts in it. */
export { play } from '../simulation/play.js'
export { PROFILES } from './profiles.js'
