import type { AddressInfo } from 'node:net'
import { createServer, type Server, type Socket, connect as toServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../simulation/random.js'

/**
 * The network between one process and one server, byte for byte, and what goes wrong with it:
 * - `refuse`: connections are reset, those there are and new ones.
 * - `blackhole`: nothing passes in either direction and nobody is told. When it is over, what was held arrives late,
 *   also where the sender has given up long ago; or the connections are reset.
 * - `reset`: requests arrive, but a share of the answers breaks off after some bytes: the caller cannot know.
 * - `slow`: every piece takes a while, pieces of one direction in order.
 */
export type Trouble =
  | { kind: 'refuse' }
  | { kind: 'blackhole'; ends: 'late' | 'reset' }
  | { kind: 'reset'; share: number }
  | { kind: 'slow'; ms: number }

export interface Link {
  /** Where the process finds the server. */
  origin: string
  /** `null`: everything passes again. */
  trouble(trouble: Trouble | null): void
  close(): Promise<void>
}

export async function startLink(to: string, random: Random): Promise<Link> {
  const { hostname, port, protocol } = new URL(to)
  const state: State = { trouble: null, open: new Set(), over: withResolvers(), random }
  const server = createServer((near) => {
    if (state.trouble?.kind === 'refuse') return void near.resetAndDestroy()
    const far = toServer(Number(port), hostname)
    const pair = { near, far }
    state.open.add(pair)
    near.once('close', () => state.open.delete(pair))
    join(near, far, 'there', state)
    join(far, near, 'back', state)
  })
  await listen(server)
  return {
    origin: `${protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`,
    trouble(trouble) {
      const before = state.trouble
      state.trouble = trouble
      const resets = trouble?.kind === 'refuse' || (before?.kind === 'blackhole' && before.ends === 'reset')
      if (resets) cut(state)
      state.over.resolve()
      state.over = withResolvers()
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      state.trouble = null
      state.over.resolve()
      cut(state)
      await closed
    },
  }
}

interface State {
  trouble: Trouble | null
  open: Set<{ near: Socket; far: Socket }>
  /** Resolves at the next change of the trouble. */
  over: { promise: Promise<void>; resolve: () => void }
  random: Random
}

/** One direction: one piece at a time, so that nothing overtakes and the sender is held up while nothing passes. */
function join(from: Socket, to: Socket, direction: 'there' | 'back', state: State): void {
  let last: Promise<void> = Promise.resolve()
  from.on('data', (piece) => {
    from.pause()
    last = last.then(async () => {
      const passed = await pass(piece, direction, state)
      if (!to.destroyed && passed > 0) to.write(passed < piece.length ? piece.subarray(0, passed) : piece)
      if (passed < piece.length) {
        from.resetAndDestroy()
        to.resetAndDestroy()
      } else from.resume()
    })
  })
  from.on('error', () => {})
  from.on('close', () => void last.then(() => to.end()))
  from.on('end', () => void last.then(() => to.end()))
}

/** How many of its bytes get through. */
async function pass(piece: Buffer, direction: 'there' | 'back', state: State): Promise<number> {
  while (state.trouble?.kind === 'blackhole') await state.over.promise
  const { trouble, random } = state
  if (trouble?.kind === 'slow') await sleep(trouble.ms * (0.5 + random.next()))
  if (trouble?.kind === 'reset' && direction === 'back' && random.chance(trouble.share)) {
    return random.below(piece.length)
  }
  return piece.length
}

function cut({ open }: State): void {
  for (const { near, far } of open) {
    near.resetAndDestroy()
    far.resetAndDestroy()
  }
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}

function withResolvers(): State['over'] {
  let resolve = (): void => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
