/**
 * What is migrated, watched and rolled back as one: a collection (its traffic follows the stages, over the paths source
 * and target), or a part of a system that a flag switches from the path legacy to the path new. Every collection is a
 * component under its own name.
 */
export type Component =
  | { name: string; kind: 'collection'; collection: string }
  | { name: string; kind: 'flag'; flag: string; description: string }

/** The two ways of a component, the one that is left first. */
export function pathsOf({ kind }: Component): readonly ['source', 'target'] | readonly ['legacy', 'new'] {
  return kind === 'collection' ? ['source', 'target'] : ['legacy', 'new']
}

export const COMPONENT_NAME = /^[a-z][a-z0-9_-]{0,63}$/
