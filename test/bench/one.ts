import { argv } from 'node:process'
import type { Measured, Row } from './row.js'
import { rowOf } from './rows.js'

/** Measures one row in a process of its own, so that no row finds the other's garbage and compiled code. */
export type Message =
  | { kind: 'told'; text: string }
  | { kind: 'measured'; row: Omit<Row, 'run'>; measured: Measured }
  | { kind: 'failed'; error: string }

const [number = '', size = 'full', seed = '1'] = argv.slice(2)
const send = (message: Message): Promise<void> =>
  new Promise((resolve) => {
    if (process.send === undefined) resolve(console.log(JSON.stringify(message, null, 2)))
    else process.send(message, () => resolve())
  })

try {
  const row = await rowOf(Number(number))
  const measured = await row.run({
    size: size === 'small' ? 'small' : 'full',
    seed: Number(seed),
    tell: (text) => void send({ kind: 'told', text }),
  })
  const { work, against, goal } = row
  await send({ kind: 'measured', row: { number: row.number, work, against, goal }, measured })
  process.exit(0)
} catch (error) {
  await send({ kind: 'failed', error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  process.exit(1)
}
