import type { Component } from '../core/component.js'
import { CutoverError } from '../core/error.js'
import type { EngineContext } from './context.js'

export const COMPONENTS = 'component/'
export const COMPONENTS_MAX = 200

/** The collections, then the components that were declared, by name. */
export async function listComponents({
  collections,
  ledger,
}: Pick<EngineContext, 'collections' | 'ledger'>): Promise<Component[]> {
  const { items } = await ledger.list(COMPONENTS, null, COMPONENTS_MAX)
  const declared = items.map(({ value }) => value as unknown as Component)
  return [...collections.map(({ name }) => ofCollection(name)), ...declared]
}

/** Throws `not-found` naming the components that there are. */
export async function componentOf(
  context: Pick<EngineContext, 'collections' | 'ledger'>,
  name: string,
): Promise<Component> {
  if (context.collections.some((collection) => collection.name === name)) return ofCollection(name)
  const held = await context.ledger.read(COMPONENTS + name.slice(0, NAME_CHARS_MAX))
  if (held !== null) return held.value as unknown as Component
  const names = (await listComponents(context)).map((component) => component.name).join(', ')
  throw new CutoverError('not-found', `There is no component ${JSON.stringify(name)}. There are: ${names}.`)
}

const NAME_CHARS_MAX = 64

/** Where a declared component is kept in the ledger. */
export function keyOfComponent(name: string): string {
  return COMPONENTS + name
}

function ofCollection(name: string): Component {
  return { name, kind: 'collection', collection: name }
}
