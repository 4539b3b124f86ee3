import type { CollectionState, DashboardState } from '../state.js'
import { ActButton } from './act.js'
import { shownCount, shownPercent, shownSeconds } from './format.js'
import { Empty, Mark, Missing, Panel, Pill, type Tone } from './panel.js'
import { Track } from './track.js'

/** Each collection on its way: where it stands, where its reads and writes go right now, and how far the way back is. */
export function Collections({ state }: { state: DashboardState }) {
  const { collections } = state
  return (
    <Panel id="collections" title="Collections">
      {collections === null ? (
        <Missing state={state} part="collections" />
      ) : collections.length === 0 ? (
        <Empty>No collection is declared. `defineMigration` says which there are.</Empty>
      ) : (
        collections.map((one) => <Collection key={one.collection} of={one} />)
      )}
    </Panel>
  )
}

function Collection({ of }: { of: CollectionState }) {
  const { collection, stage, epoch, rolloutPercent, serving, settling, cleanedUp, overrides } = of
  const title = `collection-${collection}`
  return (
    <article class="collection" aria-labelledby={title}>
      <header>
        <h3 id={title}>{collection}</h3>
        <Route of={of} />
        {settling ? <Pill tone="busy">settling</Pill> : null}
        {cleanedUp ? <Pill tone="good">moved for good</Pill> : null}
        {overrides.map(({ variable, against }) => (
          <Pill key={variable} tone={against ? 'warn' : 'quiet'}>
            {variable}
          </Pill>
        ))}
        <div class="actions">{cleanedUp ? null : <Acts of={of} />}</div>
      </header>
      <Track collection={collection} stage={stage} rolloutPercent={rolloutPercent} />
      <div class="facts">
        <Flow name="Reads" {...serving.reads} />
        <Flow
          name="Writes"
          {...writesSplit(of)}
          inWords={serving.writes.inWords}
          failingPercent={serving.writes.failingPercent}
        />
        <Stores of={of} />
        <Way of={of} />
      </div>
      {serving.remarks.length === 0 ? null : (
        <ul class="remarks">
          {serving.remarks.map((remark) => (
            <li key={remark}>
              <Mark tone="warn" /> {remark}
            </li>
          ))}
        </ul>
      )}
      <p class="hidden-visually">Epoch {epoch}</p>
    </article>
  )
}

/** From which store to which, by their own names. */
function Route({ of: { source, target, partitions } }: { of: CollectionState }) {
  const others = partitions.length < 2 ? '' : ` and ${partitions.length - 1} more`
  return (
    <p class="route">
      {source.label}
      {others} <span aria-hidden="true">→</span>
      <span class="hidden-visually">to</span> {target.label}
      {others}
    </p>
  )
}

function Acts({ of: { collection, stage, epoch, rolloutPercent } }: { of: CollectionState }) {
  const isLast = stage === 'complete' && rolloutPercent === 100
  return (
    <>
      {isLast ? null : <ActButton act={{ kind: 'advance', collection, epoch }} tone="primary" />}
      {stage === 'off' ? null : (
        <>
          <ActButton act={{ kind: 'set-rollout', collection, epoch, rolloutPercent }} />
          <ActButton act={{ kind: 'roll-back', collection, epoch }} />
        </>
      )}
      <ActButton act={{ kind: 'backfill', collection }} />
    </>
  )
}

/** Who has a write when it is acknowledged. */
function writesSplit({ serving: { writes } }: CollectionState): { sourcePercent: number; targetPercent: number } {
  const { stores, failingPercent } = writes
  if (failingPercent === 100) return { sourcePercent: 0, targetPercent: 0 }
  return { sourcePercent: stores.includes('source') ? 100 : 0, targetPercent: stores.includes('target') ? 100 : 0 }
}

/** Two lanes, source and target, filled by their share; the words say the same. */
function Flow({ name, sourcePercent, targetPercent, failingPercent, inWords }: FlowProps) {
  return (
    <div class="flow">
      <h4>{name}</h4>
      <dl>
        {LANES.map(([store, label]) => {
          const percent = store === 'source' ? sourcePercent : targetPercent
          return (
            <div key={store} class={store}>
              <dt>{label}</dt>
              <dd>
                <svg width="100%" height="8" aria-hidden="true">
                  <rect class="all" width="100%" height="8" rx="4" />
                  {percent === 0 ? null : <rect class="part" width={`${percent}%`} height="8" rx="4" />}
                </svg>
                <span>{shownPercent(percent)}</span>
              </dd>
            </div>
          )
        })}
      </dl>
      <p>{inWords}</p>
      {failingPercent === 0 ? null : <Pill tone="bad">{shownPercent(failingPercent)} fail</Pill>}
    </div>
  )
}

const LANES = [
  ['source', 'source'],
  ['target', 'target'],
] as const

interface FlowProps {
  name: string
  sourcePercent: number
  targetPercent: number
  failingPercent: number
  inWords: string
}

function Stores({ of: { stage, source, target, full } }: { of: CollectionState }) {
  return (
    <div>
      <h4>Records</h4>
      <dl class="pairs">
        <dt>source</dt>
        <dd title={source.label}>
          {shownCount(source.records)}
          {source.reachable ? null : <Pill tone="bad">does not answer</Pill>}
        </dd>
        <dt>target</dt>
        <dd title={target.label}>
          {shownCount(target.records)}
          {target.reachable ? null : <Pill tone="bad">does not answer</Pill>}
        </dd>
        {/* Marks of single writes: they say nothing of records that nobody has copied yet, and at off none is made. */}
        {stage === 'off' ? null : (
          <>
            <dt>writes not yet in both</dt>
            <dd>{shownCount(target.open)}</dd>
          </>
        )}
      </dl>
      <p class="quiet">{filledInWords(stage, full)}</p>
    </div>
  )
}

/** What a pass has done; whether the copies agree is for a comparison to say. */
function filledInWords(stage: CollectionState['stage'], full: boolean): string {
  if (stage === 'off') return 'The target is not in use.'
  return full
    ? 'A complete pass has filled both.'
    : 'Whether both hold every record is not known: a complete pass tells.'
}

function Way({ of: { stage, rollbackReadiness, progress } }: { of: CollectionState }) {
  return (
    <div>
      <h4>Way back</h4>
      {stage === 'off' ? (
        <p class="quiet">nothing to go back from</p>
      ) : (
        <p class="way">
          <Mark tone={WAY_TONES[rollbackReadiness.kind]} /> {rollbackReadiness.inWords}
        </p>
      )}
      {/* How one has ended is told among the runs: beside the way back it would be taken for its end. */}
      {progress === null || (progress.status !== 'running' && progress.status !== 'paused') ? null : (
        <p class="quiet">
          {progress.kind} {progress.status}: {shownCount(progress.done)} of {shownCount(progress.total)}
          {progress.status === 'running' ? `, about ${shownSeconds(progress.secondsLeft)} left` : ''}
        </p>
      )}
    </div>
  )
}

const WAY_TONES: { readonly [kind in CollectionState['rollbackReadiness']['kind']]: Tone } = {
  instant: 'good',
  'after-pass': 'quiet',
  impossible: 'warn',
}
