import type { Part } from '../../state.js'
import type { Asked, Found } from './ask.js'

/** Of which component, which operation, and how far back. */
export function Choosers({ components, asked, found, busy, choose, operate, look }: ChoosersProps) {
  const operations = found.kind === 'found' ? found.operations : []
  const chosen = found.kind === 'found' && !busy ? found.operation : asked.operation
  return (
    <div class="choosers">
      <label>
        Component
        <select value={asked.component} onChange={({ currentTarget }) => choose(currentTarget.value)}>
          {components.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label>
        Operation
        <select
          value={chosen ?? ''}
          disabled={operations.length === 0}
          onChange={({ currentTarget }) => operate(currentTarget.value)}
        >
          {operations.length === 0 ? (
            <option value={chosen ?? ''}>{chosen ?? (found.kind === 'found' ? 'none measured' : '…')}</option>
          ) : null}
          {operations.map(({ operation }) => (
            <option key={operation} value={operation}>
              {OPERATIONS[operation] ?? operation}
            </option>
          ))}
        </select>
      </label>
      <fieldset>
        <legend>Window</legend>
        {WINDOWS.map(([minutes, label]) => (
          <button type="button" key={minutes} aria-pressed={asked.minutes === minutes} onClick={() => look(minutes)}>
            {label}
          </button>
        ))}
      </fieldset>
    </div>
  )
}

interface ChoosersProps {
  components: Part<'components'>
  asked: Asked
  found: Found
  busy: boolean
  choose: (component: string) => void
  operate: (operation: string) => void
  look: (minutes: number) => void
}

const WINDOWS: readonly [minutes: number, label: string][] = [
  [15, '15 min'],
  [60, '1 h'],
  [360, '6 h'],
  [1_440, '24 h'],
]

const OPERATIONS: { readonly [operation: string]: string } = {
  read: 'read (one record)',
  list: 'list (a page)',
  write: 'write',
  compare: 'compare (met both stores)',
}
