/**
 * The share of its memory that this process has taken, 0 to 1: of what the platform says a function has (mebibytes), or
 * of what the host or its container has. Runtimes that do not tell are told of nothing.
 */
export function memoryPeaks(functionMb: string | undefined): () => { [name: string]: number } {
  const told = Number(functionMb) * 2 ** 20
  let limit = told > 0 ? told : 0
  return () => {
    if (typeof process === 'undefined' || process.memoryUsage === undefined) return {}
    if (limit === 0) limit = hostBytes()
    return limit > 0 ? { memoryShare: process.memoryUsage.rss() / limit } : {}
  }
}

function hostBytes(): number {
  const { constrainedMemory } = process as { constrainedMemory?: () => number }
  const container = constrainedMemory?.() ?? 0
  // Where there is no container's limit some answer 0, and some a number beyond any machine.
  if (container > 0 && container < BYTES_MAX) return container
  const { getBuiltinModule } = process as { getBuiltinModule?: (name: 'node:os') => { totalmem(): number } }
  return getBuiltinModule?.('node:os').totalmem() ?? 0
}

const BYTES_MAX = 2 ** 50
