import { parseArgs } from 'node:util'
import { chainsNamed, type Searched, search, tell } from './search.js'

/**
 * `npm run model -- [--chain text] [--wide] [--states N] [--json]`: searches the chains whose name contains the text;
 * with `--wide` the long ones too. Ends with code 1 at the first fault, which it tells step by step, and with code 2
 * where a chain was not searched to its end.
 */
const { values } = parseArgs({
  options: {
    chain: { type: 'string', default: '' },
    wide: { type: 'boolean', default: false },
    states: { type: 'string', default: '30000000' },
    json: { type: 'boolean', default: false },
  },
})
const statesMax = Number(values.states)
if (!Number.isSafeInteger(statesMax) || statesMax < 1) throw new Error('--states wants a number above 0.')
const chains = chainsNamed(values.chain, values.wide)
if (chains.length === 0) throw new Error(`No chain has ${JSON.stringify(values.chain)} in its name.`)

const done: Searched[] = []
for (const [at, chain] of chains.entries()) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${at + 1}/${chains.length} ${chain.name}`)
  const searched = await search(chain, statesMax)
  done.push(searched)
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  if (!values.json) console.log(lineOf(searched))
  if (searched.fault !== null) {
    if (!values.json) console.log(tell(searched))
    break
  }
}
const states = done.reduce((sum, one) => sum + one.states, 0)
const seconds = done.reduce((sum, one) => sum + one.seconds, 0)
if (values.json) console.log(JSON.stringify({ chains: done, states, seconds }, null, 2))
else console.log(`${done.length} chains, ${states.toLocaleString('en')} states, ${seconds.toFixed(1)} s`)
process.exitCode = done.some(({ fault }) => fault !== null) ? 1 : done.some(({ complete }) => !complete) ? 2 : 0

function lineOf({ chain, states, complete, fault, seconds }: Searched): string {
  const end = fault !== null ? 'FAULT' : complete ? '' : 'not to its end'
  return `${chain.padEnd(64)} ${states.toLocaleString('en').padStart(12)} ${seconds.toFixed(1).padStart(7)} s ${end}`
}
