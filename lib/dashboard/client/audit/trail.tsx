import { useId, useRef, useState } from 'preact/hooks'
import { Entries } from '../../page/audit.js'
import { Empty, Mark } from '../../page/panel.js'
import { useTrail } from './ask.js'
import { type Filter, isFiltered, NO_FILTER, occurring, type Trail } from './query.js'

/** The trail as far back as one cares to read, of what one cares for. */
export function AuditTrail({ audit }: { audit: Trail }) {
  const [filter, narrow] = useState(NO_FILTER)
  const list = useRef<HTMLDivElement>(null)
  const { trail, waiting, fault, asking, older, showWaiting } = useTrail(filter, audit, () => isRead(list.current))
  const known = trail === null ? [audit] : [audit, trail]
  return (
    <>
      <FilterForm filter={filter} narrow={narrow} known={known} />
      {fault === null ? null : (
        <p class="missing" role="alert">
          <Mark tone="warn" /> The trail could not be read. {fault}
        </p>
      )}
      <p class="waiting" role="status">
        {waiting === 0 ? null : (
          <button type="button" onClick={showWaiting}>
            {waiting === 1 ? '1 new entry' : `${waiting} new entries`}
          </button>
        )}
      </p>
      <div ref={list}>
        {trail === null ? (
          fault === null ? (
            <p class="quiet">
              <Mark tone="busy" /> Asking…
            </p>
          ) : null
        ) : trail.items.length === 0 ? (
          <Empty>
            {isFiltered(filter)
              ? 'No entry is like that.'
              : 'Nothing was changed yet. Every act, by a person or by a plan, is entered here with its reason.'}
          </Empty>
        ) : (
          <Entries items={trail.items} />
        )}
      </div>
      {trail === null || trail.next === null ? null : (
        <button type="button" disabled={asking} onClick={older}>
          {asking ? 'Asking…' : 'Older entries'}
        </button>
      )}
    </>
  )
}

/** Somebody has begun to read: its top is out of view, or something in it has the focus or is open. */
function isRead(list: HTMLElement | null): boolean {
  if (list === null) return false
  const { top, bottom } = list.getBoundingClientRect()
  return (
    (top < 0 && bottom > 0) || list.contains(document.activeElement) || list.querySelector('details[open]') !== null
  )
}

const PERIODS: readonly [hours: number | null, label: string][] = [
  [null, 'all of it'],
  [1, 'the last hour'],
  [24, 'the last 24 hours'],
  [168, 'the last 7 days'],
]

function FilterForm({ filter, narrow, known }: FilterFormProps) {
  return (
    <form class="choosers" onSubmit={(event) => event.preventDefault()} aria-label="Filter of the audit trail">
      <Choice label="Action" of="action" {...{ filter, narrow, known }} />
      <Choice label="Collection" of="collection" {...{ filter, narrow, known }} />
      <Choice label="By" of="by" {...{ filter, narrow, known }} />
      <label>
        Period
        <select
          value={filter.hours ?? ''}
          onChange={({ currentTarget: { value } }) => narrow({ ...filter, hours: value === '' ? null : Number(value) })}
        >
          {PERIODS.map(([hours, label]) => (
            <option key={label} value={hours ?? ''}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {isFiltered(filter) ? (
        <button type="button" onClick={() => narrow(NO_FILTER)}>
          Clear
        </button>
      ) : null}
    </form>
  )
}

interface FilterFormProps {
  filter: Filter
  narrow: (filter: Filter) => void
  known: readonly Trail[]
}

/** One may write what is not in the list: older entries may have it. */
function Choice({
  label,
  of,
  filter,
  narrow,
  known,
}: FilterFormProps & { label: string; of: 'action' | 'collection' | 'by' }) {
  const id = useId()
  return (
    <label>
      {label}
      <input
        type="text"
        list={id}
        value={filter[of]}
        maxLength={64}
        autocomplete="off"
        spellcheck={false}
        placeholder="any"
        onChange={({ currentTarget: { value } }) => narrow({ ...filter, [of]: value.trim() })}
      />
      <datalist id={id}>
        {occurring(known, of).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
    </label>
  )
}
