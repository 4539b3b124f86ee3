import type { RunState } from '../state.js'
import { shownCount, shownRate, shownSeconds } from './format.js'
import { Mark, type Tone } from './panel.js'
import { Table } from './table.js'

type Shard = RunState['shards'][number]

/** More than these are folded away: their sum stands in the summary. */
const SHOWN_MAX = 8

/** The parts that a run works through, each with its own progress. */
export function Shards({ title, shards }: { title: string; shards: readonly Shard[] }) {
  return (
    <details class="shards" open={shards.length <= SHOWN_MAX}>
      <summary>
        {shownCount(shards.length)} partitions: {tally(shards)}
      </summary>
      <Table
        caption={`Partitions of the ${title}`}
        columns={[
          'Partition',
          'Progress',
          { title: 'Records', isNumber: true },
          { title: 'Rate', isNumber: true },
          { title: 'Left', isNumber: true },
        ]}
      >
        {shards.map((shard) => (
          <Row key={shard.label} shard={shard} />
        ))}
      </Table>
    </details>
  )
}

function Row({ shard }: { shard: Shard }) {
  const { label, status, done, total, perSecond, secondsLeft } = shard
  const { tone, word, means } = STATUSES[status]
  return (
    <tr>
      <th scope="row">{label}</th>
      <td class="far">
        {done !== null && total !== null && total > 0 ? (
          <progress aria-label={label} max={total} value={Math.min(done, total)} />
        ) : null}
        <span title={means}>
          <Mark tone={tone} /> {word}
        </span>
      </td>
      <td class="number">
        {shownCount(done)} of {shownCount(total)}
      </td>
      <td class="number">{shownRate(perSecond)}</td>
      <td class="number">{status === 'done' ? 'nothing' : shownSeconds(secondsLeft)}</td>
    </tr>
  )
}

const STATUSES: { readonly [status in Shard['status']]: { tone: Tone; word: string; means?: string } } = {
  waiting: { tone: 'quiet', word: 'waiting' },
  running: { tone: 'busy', word: 'running' },
  finishing: {
    tone: 'busy',
    word: 'finishing',
    means: 'All that the source lists is passed; what is still open at the target is not',
  },
  done: { tone: 'good', word: 'done' },
  stopped: { tone: 'quiet', word: 'stopped', means: 'With its run' },
  unknown: { tone: 'quiet', word: 'not known' },
}

/** `1 done, 1 running, 2 waiting`. */
function tally(shards: readonly Shard[]): string {
  return (Object.keys(STATUSES) as Shard['status'][])
    .map((status) => [shards.filter((one) => one.status === status).length, STATUSES[status].word] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${shownCount(count)} ${word}`)
    .join(', ')
}
