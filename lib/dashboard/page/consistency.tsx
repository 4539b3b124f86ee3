import { stageIndex } from '../../core/stage.js'
import type { DashboardState, Part } from '../state.js'
import { ActButton } from './act.js'
import { Causes } from './causes.js'
import { agreementOf } from './consistency-words.js'
import { shownCount, shownCounted, shownRate, shownSeconds } from './format.js'
import { Empty, Mark, Missing, Panel, Pill, type Tone } from './panel.js'
import { Progress } from './progress.js'
import { Time } from './time.js'

export type Consistent = Part<'consistency'>[number]

/** How far both stores are known to hold the same. What was not compared is never shown as if it agreed. */
export function Consistency({ state }: { state: DashboardState }) {
  const { consistency } = state
  return (
    <Panel id="consistency" title="Consistency">
      {consistency === null ? (
        <Missing state={state} part="consistency" />
      ) : consistency.length === 0 ? (
        <Empty>There is no collection to compare.</Empty>
      ) : (
        consistency.map((one) => <Collection key={one.collection} of={one} state={state} />)
      )}
    </Panel>
  )
}

function Collection({ of, state }: { of: Consistent; state: DashboardState }) {
  const { collection, latest, running, sampled, passedSince, inWords } = of
  const { tone, word } = agreementOf(of)
  const title = `consistency-${collection}`
  return (
    <article class="consistent" aria-labelledby={title}>
      <header>
        <h3 id={title}>{collection}</h3>
        <Pill tone={tone}>{word}</Pill>
        <div class="actions">
          <Acts of={of} state={state} />
        </div>
      </header>
      <p>{inWords}</p>
      {latest === null ? null : <Counts latest={latest} />}
      {latest === null ? null : (
        <p class="quiet">
          Validated by {latest.startedBy}, ended <Time at={latest.endedAt} age />
          {latest.perSecond === null ? null : `, at ${shownRate(latest.perSecond)}`}.
          {passedSince === null ? null : ` ${passedSince.inWords}`}
        </p>
      )}
      {running === null ? null : <Running collection={collection} running={running} />}
      <dl class="proofs">
        <Sampled sampled={sampled} />
        <ZeroLoss of={of} state={state} />
      </dl>
      <Causes of={of} />
    </article>
  )
}

function Acts({ of: { collection, latest, running }, state }: { of: Consistent; state: DashboardState }) {
  const stage = state.collections?.find((one) => one.collection === collection)?.stage
  const left = latest === null ? 0 : latest.mismatched - latest.repaired
  return (
    <>
      {running === null ? <ActButton act={{ kind: 'validate', collection }} /> : null}
      {running === null && left > 0 ? (
        <ActButton act={{ kind: 'repair', collection }}>Repair {shownCount(left)}…</ActButton>
      ) : null}
      {stage === 'off' || stage === 'dualwrite' ? null : <ActButton act={{ kind: 'check-zero-loss', collection }} />}
    </>
  )
}

function Counts({ latest }: { latest: NonNullable<Consistent['latest']> }) {
  return (
    <dl class="counts">
      {COUNTS.map(([name, word, means, toneOf]) => {
        const count = latest[name]
        const tone = count === null || count === 0 ? null : toneOf
        return (
          <div key={name} title={means}>
            <dt>{word}</dt>
            <dd class={tone ?? ''}>
              {tone === null ? null : <Mark tone={tone} />} {shownCount(count)}
            </dd>
          </div>
        )
      })}
    </dl>
  )
}

type CountName = 'checked' | 'mismatched' | 'missing' | 'extra' | 'repaired' | 'undecided'

const COUNTS: readonly [CountName, string, string, Tone | null][] = [
  ['checked', 'checked', 'Records that were compared', null],
  ['mismatched', 'mismatched', 'Records of which both stores do not hold the same', 'bad'],
  ['missing', 'missing', 'Of those mismatched: missing at the target', 'bad'],
  ['extra', 'extra', 'Of those mismatched: missing at the source', 'bad'],
  ['repaired', 'repaired', 'Of those mismatched: brought together by the validation', 'good'],
  [
    'undecided',
    'undecided',
    'Could not be judged: they changed at every look, or this stage does not ask for both',
    'warn',
  ],
]

function Running({ collection, running }: { collection: string; running: NonNullable<Consistent['running']> }) {
  const { status, done, total, mismatched, perSecond, secondsLeft } = running
  return (
    <div class="underway">
      <Progress label={`Validation of ${collection} that is under way`} done={done} total={total} />
      <p>
        <Pill tone={status === 'paused' ? 'warn' : 'busy'}>{status === 'paused' ? 'paused' : 'validating'}</Pill>{' '}
        {shownCount(done)} of {shownCounted(total, 'record')}, {shownCount(mismatched)} mismatched so far
        {perSecond === null ? '' : `, ${shownRate(perSecond)}`}
        {secondsLeft === null ? '' : `, ${shownSeconds(secondsLeft)} left`}
      </p>
    </div>
  )
}

function Sampled({ sampled }: { sampled: Consistent['sampled'] }) {
  if (sampled === null || sampled.checked === 0)
    return (
      <Proof name="Reads compared while they were served" tone="quiet">
        Not enough evidence: none in this time.
      </Proof>
    )
  const { checked, mismatched, undecided, windowMinutes } = sampled
  const decided = checked > undecided
  return (
    <Proof name="Reads compared while they were served" tone={mismatched > 0 ? 'bad' : decided ? 'good' : 'quiet'}>
      {shownCounted(checked, 'read')} in the last {windowMinutes} min: {shownCount(mismatched)} differed
      {undecided === 0 ? '' : `, ${shownCount(undecided)} could not be judged`}.
    </Proof>
  )
}

function ZeroLoss({ of: { collection, zeroLoss }, state }: { of: Consistent; state: DashboardState }) {
  if (zeroLoss === null)
    return (
      <Proof name="Zero loss" tone="quiet">
        Not enough evidence: it was never checked.
      </Proof>
    )
  const { proved, inWords, because, at, epoch, stage } = zeroLoss
  const now = state.collections?.find((one) => one.collection === collection)
  const hasMoved = now !== undefined && now.epoch !== epoch
  const isBack = now !== undefined && stageIndex(now.stage) < stageIndex(stage)
  return (
    <Proof name="Zero loss" tone={proved && !isBack ? 'good' : 'warn'}>
      {inWords} Checked <Time at={at} age />.
      {isBack
        ? ' The collection has gone back since: check again before you rely on it.'
        : hasMoved
          ? ' Its stage has changed since, and is no lower.'
          : null}
      {proved ? (
        <details>
          <summary>How it is known</summary>
          <ul class="because">
            {because.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </details>
      ) : null}
    </Proof>
  )
}

function Proof({ name, tone, children }: { name: string; tone: Tone; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Mark tone={tone} /> {children}
      </dd>
    </div>
  )
}
