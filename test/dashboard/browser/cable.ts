import { connect, createServer, type Server, type Socket } from 'node:net'

/** The wire between the browser and the application: it can be cut, mended, and jerked. */
export interface Cable {
  url: string
  /** Nobody answers from now on, as when the server is gone. */
  cut(): Promise<void>
  mend(): Promise<void>
  /** Every connection breaks off; new ones are taken. */
  jerk(): void
  close(): Promise<void>
}

export async function startCable(to: string): Promise<Cable> {
  const live = new Set<Socket>()
  const target = { host: '127.0.0.1', port: Number(new URL(to).port) }
  const keep = (socket: Socket): Socket => {
    live.add(socket)
    socket.on('close', () => live.delete(socket)).on('error', () => socket.destroy())
    return socket
  }
  const take = (socket: Socket): void => {
    const onward = keep(connect(target))
    keep(socket).on('close', () => onward.destroy())
    onward.on('close', () => socket.destroy())
    socket.pipe(onward).pipe(socket)
  }
  let server = await listening(createServer(take), 0)
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const jerk = (): void => {
    for (const socket of live) socket.destroy()
  }
  const cut = async (): Promise<void> => {
    const closed = new Promise((over) => server.close(over))
    jerk()
    await closed
  }
  return {
    url: `http://127.0.0.1:${port}`,
    cut,
    async mend() {
      server = await listening(createServer(take), port)
    },
    jerk,
    close: cut,
  }
}

async function listening(server: Server, port: number): Promise<Server> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve)
  })
  return server
}
