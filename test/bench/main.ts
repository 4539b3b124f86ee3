import { writeFile } from 'node:fs/promises'
import { argv, exit, stderr } from 'node:process'
import { parseArgs } from 'node:util'
import { machine } from './machine.js'
import { measureRow, type Outcome } from './measure-row.js'
import { sectionOf, summaryOf } from './report.js'
import { isBroken } from './row.js'
import { ROWS } from './rows.js'

const USAGE = `npm run bench -- [options]

  --row 4,6      only these rows
  --size small   less work: the counts are the same, times mean little; default full
  --seed N       of records and of what is drawn by chance; default 1
  --json         one JSON array as the last line of standard output
  --write        puts the result into BENCHMARKS.md

Code 0 if no counted goal is missed (goals in time depend on the machine, and are only shown), 1 otherwise, 2 for usage.
`

interface Options {
  rows: number[]
  size: 'full' | 'small'
  seed: number
  json: boolean
  write: boolean
}

function optionsOf(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      row: { type: 'string', default: Object.keys(ROWS).join(',') },
      size: { type: 'string', default: 'full' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) throw new Error('Help:')
  const rows = values.row.split(',').map(Number)
  const wrong = rows.find((number) => ROWS[number] === undefined)
  if (wrong !== undefined) throw new Error(`There is no row ${wrong}. There are: ${Object.keys(ROWS).join(', ')}.`)
  if (values.size !== 'full' && values.size !== 'small') throw new Error('The size is full or small.')
  if (!/^\d+$/.test(values.seed)) throw new Error('The seed is a whole number.')
  return { rows, size: values.size, seed: Number(values.seed), json: values.json, write: values.write }
}

async function main(args: string[]): Promise<number> {
  let options: Options
  try {
    options = optionsOf(args)
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : 'The arguments are wrong.'}\n\n${USAGE}`)
    return 2
  }
  const { rows, size, seed, json, write } = options
  const head = [`Date: ${new Date().toISOString().slice(0, 10)}`, ...machine(), `Size: ${size}, seed: ${seed}`]
  console.log(`${head.map((text) => `- ${text}`).join('\n')}\n`)
  const outcomes: Outcome[] = []
  for (const number of rows) {
    const outcome = await measureRow(number, { size, seed, tell: (text) => stderr.write(`  ${number}: ${text}\n`) })
    outcomes.push(outcome)
    console.log(sectionOf(outcome))
  }
  console.log(summaryOf(outcomes))
  if (write) await writeFile(new URL('../../BENCHMARKS.md', import.meta.url), pageOf(head, outcomes))
  if (json) console.log(JSON.stringify(outcomes))
  return outcomes.some((outcome) => outcome.kind === 'failed' || isBroken(outcome.measured)) ? 1 : 0
}

function pageOf(head: readonly string[], outcomes: readonly Outcome[]): string {
  return [
    '# Benchmarks',
    '',
    'Written by `npm ci && npm run bench -- --write`; nothing here is written by hand. Everything that is compared is',
    'measured in one run on one machine, in turn; ratios and counts travel, times do not. Counted figures are the same on',
    'every machine, and `npm test` checks them on less work. `npm run bench -- --row 6` measures one row.',
    '',
    ...head.map((text) => `- ${text}`),
    '',
    summaryOf(outcomes),
    ...outcomes.map(sectionOf),
  ].join('\n')
}

exit(await main(argv.slice(2)))
