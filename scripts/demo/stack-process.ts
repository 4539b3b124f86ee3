import { startStack } from '../stack/stack.js'

/** The local stack as a process of its own, so that it has a core of its own. Prints its environment when it is up. */
const stack = await startStack({
  backend: process.env.DEMO_REDIS === 'auto' ? 'auto' : 'embedded',
  seed: Number(process.env.DEMO_SEED ?? 1),
})
console.log(JSON.stringify(stack.env))

async function stop(): Promise<void> {
  await stack.close()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('disconnect', stop)
process.on('SIGINT', () => {}) // Ctrl-C reaches every process of the terminal; the demo says when it is time
