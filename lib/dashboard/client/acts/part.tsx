import { useState } from 'preact/hooks'
import type { showFlag } from '../../../commands/operators/flags/show-flag.js'
import type { Act } from '../../page/act.js'
import { Mark } from '../../page/panel.js'
import { Time } from '../../page/time.js'
import { lastOf } from './audited.js'
import { Share } from './fields.js'
import { ActForm, type ActProps } from './form.js'
import { type Seen, useLook } from './look.js'
import { flagPath, rehearsalOf, shareOf } from './request.js'
import { NotSeen, type Rehearsal, WouldRollBack } from './stage-preview.js'

type Flag = ReturnType<typeof showFlag.output.parse>

/**
 * How much of a switched part goes the new way: 0 is legacy only, 100 new only. It is set from the revision of the flag
 * that was looked at, so that of two operators one is told of the other.
 */
export function SetShare({ act, ...props }: ActProps & { act: Extract<Act, { kind: 'set-share' }> }) {
  const { component, flag } = act
  const [text, setText] = useState(String(act.sharePercent))
  const share = shareOf(text)
  const { seen, again } = useLook<Flag>({ method: 'GET', path: flagPath(flag) })
  const kept = seen.kind === 'ok' ? seen.value : null
  const wish =
    kept === null || share === null
      ? null
      : ({ kind: 'set-share', flag, sharePercent: share, revision: kept.revision } as const)
  const now = props.state?.components?.find(({ name }) => name === component)?.rolloutPercent ?? null
  const isChanged = kept !== null && now !== null && now !== shownShare(kept)
  return (
    <ActForm
      {...props}
      title={`Set the share of ${component}`}
      wish={wish}
      blocked={blockedShare(share, seen)}
      toType={null}
      moved={
        isChanged
          ? {
              inWords: `Its share is ${now} % by now.`,
              find: () => lastOf(['set-flag', 'put-flag', 'kill-flag'], flag),
            }
          : null
      }
      again={again}
      confirm={share === null ? 'Set' : `Set to ${share} %`}
      presets={['The next step of the rollout', 'Errors on the new path', 'Slower on the new path']}
    >
      <Share label="Share on the new path" value={text} of="subjects" onChange={setText} />
      <section class="happening" aria-label="What will happen" aria-live="polite" aria-busy={seen.kind === 'looking'}>
        <h3>What will happen</h3>
        {seen.kind === 'ok' ? <WouldSet flag={seen.value} share={share} /> : <NotSeen seen={seen} />}
      </section>
    </ActForm>
  )
}

function WouldSet({ flag, share }: { flag: Flag; share: number | null }) {
  const { name, killed, changedBy, changedAt } = flag
  if (killed !== null)
    return (
      <p class="notice warn">
        <Mark tone="warn" /> {killed.by} killed the flag {name} at <Time at={killed.at} age />: “{killed.reason}”.
        Everybody gets the legacy path until it is revived: <code>cutover revive-flag {name}</code>.
      </p>
    )
  return (
    <>
      <p class="headline">
        {shownShare(flag)} % → {share ?? '?'} %
      </p>
      <p>
        {share === 0
          ? 'Everybody gets the legacy path'
          : share === 100
            ? 'Everybody gets the new path'
            : 'Who is in stays in as the share grows'}
        , from the next request on. It is taken back the same way, at once.
      </p>
      {changedAt === null ? null : (
        <p class="quiet">
          The flag {name} was last changed by {changedBy}, <Time at={changedAt} age />.
        </p>
      )}
    </>
  )
}

/** Its value is false, true, or the percentage in between. */
function shownShare({ value }: Flag): number {
  if (typeof value === 'boolean') return value ? 100 : 0
  return typeof value === 'number' ? value : Number.NaN
}

function blockedShare(share: number | null, seen: Seen<Flag>): string | null {
  if (share === null) return 'The share is a number from 0 to 100, with at most two decimals.'
  if (seen.kind !== 'ok')
    return seen.kind === 'looking' ? 'How it stands is being asked for.' : 'How it stands cannot be told now.'
  if (seen.value.killed !== null) return 'The flag is killed, and has to be revived first.'
  return shownShare(seen.value) === share ? `It is ${share} % already: choose another share.` : null
}

/** The emergency way of a switched part: everybody back to the legacy path, by its procedure. Never held up by a look. */
export function RollBackPart({ act, ...props }: ActProps & { act: Extract<Act, { kind: 'roll-back-part' }> }) {
  const { component } = act
  const asked = { ...rehearsalOf({ collection: component, to: null }), changesNothing: true }
  const { seen, again } = useLook<Rehearsal>(asked)
  return (
    <ActForm
      {...props}
      title={`Roll ${component} back`}
      wish={{ kind: 'roll-back-component', collection: component, to: null, ifEpoch: null }}
      blocked={null}
      toType={null}
      moved={null}
      again={again}
      confirm="Roll back"
      atOnce={{
        label: 'Roll back now, because',
        presets: ['Errors', 'Slower than before', 'Wrong results', 'To be safe'],
      }}
      happening={
        <section class="happening" aria-label="What will happen" aria-live="polite" aria-busy={seen.kind === 'looking'}>
          <h3>What will happen</h3>
          {seen.kind === 'ok' ? <WouldRollBack rehearsal={seen.value} /> : <NotSeen seen={seen} />}
        </section>
      }
    >
      <p>Everybody gets the legacy path again.</p>
    </ActForm>
  )
}
