import { useEffect, useRef, useState } from 'preact/hooks'
import { read } from '../read.js'
import { extended, type Filter, isFiltered, joined, newIn, queryOf, type Trail } from './query.js'

export interface Reading {
  /** `null`: it is being asked for. */
  trail: Trail | null
  /** Entries that have arrived and are not shown yet. */
  waiting: number
  fault: string | null
  asking: boolean
  older(): void
  showWaiting(): void
}

/**
 * The trail as it is read: `latest` are the newest entries as the page follows them. What arrives while somebody reads
 * (`isReading`) waits to be asked for, so that nothing moves under the eyes.
 */
export function useTrail(filter: Filter, latest: Trail, isReading: () => boolean): Reading {
  const key = JSON.stringify(filter)
  const [of, name] = useState(key)
  const [trail, show] = useState<Trail | null>(latest)
  const [arrived, arrive] = useState<Trail | null>(null)
  const [fault, faulty] = useState<string | null>(null)
  const [asking, ask] = useState(false)
  const shown = useRef(trail)
  shown.current = of === key ? trail : null
  const newest = latest.items[0]?.position ?? ''

  // asked again when the filter changes, or something is new
  useEffect(() => {
    const gone = new AbortController()
    const take = (found: Trail): void => {
      const known = shown.current
      faulty(null)
      if (known !== null && newIn(known, found) > 0 && isReading()) {
        arrive(found)
        return
      }
      name(key)
      arrive(null)
      show(known === null ? found : joined(known, found))
    }
    const look = async (): Promise<void> => {
      const answer = await read<Trail>('/audit', queryOf(filter, Date.now(), null), gone.signal)
      if (gone.signal.aborted) return
      if (answer.kind === 'read') take(answer.value)
      else faulty(answer.because)
    }
    if (isFiltered(filter)) look()
    else take(latest)
    return () => gone.abort()
  }, [key, newest])

  const older = async (): Promise<void> => {
    const known = shown.current
    if (known === null || known.next === null || asking) return
    ask(true)
    const answer = await read<Trail>('/audit', queryOf(filter, Date.now(), known.next))
    ask(false)
    faulty(answer.kind === 'failed' ? answer.because : null)
    if (answer.kind === 'failed') return
    // The filter may have been changed meanwhile.
    if (shown.current?.next === known.next) show(extended(shown.current, answer.value))
  }
  const current = shown.current
  return {
    trail: current,
    waiting: current === null || arrived === null ? 0 : newIn(current, arrived),
    ...{ fault, asking, older },
    showWaiting: () => {
      if (current !== null && arrived !== null) show(joined(current, arrived))
      arrive(null)
    },
  }
}
