import { STAGES, type Stage, stageIndex } from '../../core/stage.js'
import { shownPercent } from './format.js'

/** The six stages as a way, how far the collection has come on it, and what share of it where it is under way. */
export function Track({ collection, stage, rolloutPercent }: TrackProps) {
  const here = stageIndex(stage)
  return (
    <ol class="track" aria-label={`Stages of ${collection}`}>
      {STAGES.map((one, index) => {
        const place = index < here ? 'behind' : index === here ? 'here' : 'ahead'
        const share = index < here ? 100 : index === here ? rolloutPercent : 0
        return (
          <li key={one} class={place} aria-current={place === 'here' ? 'step' : undefined}>
            <svg class="share" width="100%" height="8" aria-hidden="true">
              <rect class="all" width="100%" height="8" rx="4" />
              {share === 0 ? null : <rect class="part" width={`${share}%`} height="8" rx="4" />}
            </svg>
            <strong>
              {one}
              {place === 'here' && rolloutPercent < 100 ? ` ${shownPercent(rolloutPercent)}` : ''}
            </strong>
            <span>{MEANINGS[one]}</span>
          </li>
        )
      })}
    </ol>
  )
}

interface TrackProps {
  collection: string
  stage: Stage
  /** Share that stands at the stage; the rest stands at those before. */
  rolloutPercent: number
}

const MEANINGS: { readonly [stage in Stage]: string } = {
  off: 'source alone',
  dualwrite: 'copied to the target',
  shadow: 'both must have it',
  live: 'target answers',
  rampdown: 'copied to the source',
  complete: 'target alone',
}
