import { useState } from 'preact/hooks'
import type { Act } from '../../page/act.js'
import { shownCount } from '../../page/format.js'
import { Mark } from '../../page/panel.js'
import type { CollectionState } from '../../state.js'
import { Choice } from './fields.js'
import { ActForm, type ActProps } from './form.js'
import type { Wish } from './request.js'
import { collectionIn } from './stage.js'

type Kind = 'backfill' | 'validate' | 'repair' | 'check-zero-loss'

/** Starts a run over a collection: a complete pass, a comparison, one that repairs, or the proof that nothing is lost. */
export function StartRun({ act, ...props }: ActProps & { act: Extract<Act, { kind: Kind }> }) {
  const { kind } = act
  const [collection, setCollection] = useState(act.collection)
  const [hidden, setHidden] = useState<'hidden' | 'shown'>('hidden')
  const [kept, setKept] = useState<Kept>('100')
  const now = collectionIn(props, collection)
  const names = props.state?.collections?.map((one) => one.collection) ?? [collection]
  const isComparing = kind === 'validate' || kind === 'repair'
  const running = props.state?.runs?.find((run) => run.collection === collection && run.kind === RUN_OF[kind]) ?? null
  return (
    <ActForm
      {...props}
      title={`${TITLES[kind]} ${collection}`}
      wish={wishOf(kind, collection, { hidden: hidden === 'hidden', kept: Number(kept) })}
      blocked={running === null ? null : `One is ${running.status} already: let it end, or cancel it.`}
      toType={kind === 'repair' ? collection : null}
      moved={null}
      again={() => {}}
      confirm={CONFIRMS[kind]}
      tone={kind === 'repair' ? 'danger' : 'primary'}
      presets={['Before the next stage', 'After an incident', 'The weekly look']}
    >
      <div class="row">
        <Choice
          label="Collection"
          value={collection}
          options={names.map((name) => [name, name])}
          onChange={setCollection}
        />
        {isComparing ? (
          <>
            <Choice label="Values of what differs" value={hidden} options={VALUES} onChange={setHidden} />
            <Choice label="Differing records kept to look at" value={kept} options={KEPT} onChange={setKept} />
          </>
        ) : null}
      </div>
      <section class="happening" aria-label="What will happen">
        <h3>What will happen</h3>
        <Size now={now} />
        {EFFECTS[kind].map((effect) => (
          <p key={effect}>{effect}</p>
        ))}
        {isComparing ? <p>{hidden === 'hidden' ? HIDDEN : SHOWN}</p> : null}
      </section>
    </ActForm>
  )
}

type Kept = '0' | '20' | '100' | '1000'
const KEPT = [
  ['0', 'none, counts only'],
  ['20', 'a sample of 20'],
  ['100', 'a sample of 100'],
  ['1000', 'a sample of 1,000'],
] as const
const VALUES = [
  ['hidden', 'redacted'],
  ['shown', 'shown'],
] as const

const HIDDEN = 'Which fields differ is kept, and no values.'
const SHOWN = 'Values of fields that differ are kept with the run, and shown to whoever may read runs.'

const RUN_OF = {
  backfill: 'backfill',
  validate: 'validate',
  repair: 'validate',
  'check-zero-loss': 'validate',
} as const

const TITLES: { readonly [kind in Kind]: string } = {
  backfill: 'Back-fill',
  validate: 'Validate',
  repair: 'Validate and repair',
  'check-zero-loss': 'Check for loss in',
}

const CONFIRMS: { readonly [kind in Kind]: string } = {
  backfill: 'Start the back-fill',
  validate: 'Start the validation',
  repair: 'Start the repair',
  'check-zero-loss': 'Start the check',
}

const EFFECTS: { readonly [kind in Kind]: readonly string[] } = {
  backfill: [
    'Every record is brought to the same copy in both stores; what clients write meanwhile is never overwritten.',
    'When it completes in shadow or live, both stores are known to be full. It keeps out of the application’s way.',
  ],
  validate: ['Everything in both stores is compared, in both directions. Nothing is changed.'],
  repair: [
    'Everything in both stores is compared, and records that differ are brought to the same copy: the one with the later version.',
    'A version is never lowered, and doing it twice changes nothing more. What the other copy held is not kept.',
    'Two values of one version, and what cannot be read at the target, stay as they are: the application mends them by writing the record again.',
  ],
  'check-zero-loss': [
    'It is proved, or not, that the target has every record that was acknowledged. Nothing is changed.',
    'Without such a proof a collection does not go to complete.',
  ],
}

function wishOf(kind: Kind, collection: string, compared: { hidden: boolean; kept: number }): Wish {
  if (kind === 'validate' || kind === 'repair')
    return { kind: 'validate', collection, repair: kind === 'repair', ...compared }
  return { kind, collection }
}

function Size({ now }: { now: CollectionState | null }) {
  if (now === null)
    return (
      <p class="missing">
        <Mark tone="warn" /> How many records there are cannot be told now.
      </p>
    )
  const { source, target, stage } = now
  return (
    <p>
      It looks at {shownCount(source.records)} records in {source.label} and {shownCount(target.records)} in{' '}
      {target.label}. The collection stands at {stage}.
    </p>
  )
}
