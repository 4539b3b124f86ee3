/** The package: define what is to be moved, wire it to its stores, and serve it with the parts of your choice. */
export type { DataPlane, Mutation, ReadOutcome, WriteOutcome } from './core/data-plane.js'
export { CutoverError, type ErrorCode } from './core/error.js'
export type { Operation } from './core/operation.js'
export { STAGES, type Stage } from './core/stage.js'
export { type CollectionDefinition, defaultMigration, defineMigration, type Migration } from './define.js'
export type { DocumentStore } from './ports/document.js'
export type { Source, SourceCollection, Target, TargetCollection } from './ports/store.js'
export { type Wired, wire } from './wire.js'
