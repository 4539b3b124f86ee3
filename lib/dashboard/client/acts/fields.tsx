import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { REASON_CHARS_MAX } from './confirming.js'

/** Why it is done; what is often said is there to be taken. */
export function Reason({ value, presets, disabled, onChange }: ReasonProps) {
  const id = useId()
  const left = REASON_CHARS_MAX - value.length
  return (
    <div class="field">
      <label for={id}>Reason</label>
      <textarea
        id={id}
        name="reason"
        rows={2}
        maxLength={REASON_CHARS_MAX}
        required
        disabled={disabled}
        value={value}
        aria-describedby={`${id}-note`}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
      <Presets presets={presets} disabled={disabled} onTake={onChange} />
      <small id={`${id}-note`}>Required; kept in the audit trail.{left < 100 ? ` ${left} characters left.` : ''}</small>
    </div>
  )
}

interface ReasonProps {
  value: string
  presets: readonly string[]
  disabled: boolean
  onChange: (reason: string) => void
}

function Presets({ presets, disabled, onTake }: Pick<ReasonProps, 'presets' | 'disabled'> & { onTake: Take }) {
  if (presets.length === 0) return null
  return (
    <div class="chips">
      <span class="hidden-visually">Take a reason:</span>
      {presets.map((preset) => (
        <button type="button" key={preset} class="chip" disabled={disabled} onClick={() => onTake(preset)}>
          {preset}
        </button>
      ))}
    </div>
  )
}

type Take = (text: string) => void

/** What makes sure that a dangerous act is meant, and meant for this. */
export function TypedConfirmation({ toType, value, onChange }: { toType: string; value: string; onChange: Take }) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>
        Type <code>{toType}</code> to confirm
      </label>
      <input
        id={id}
        name="typed"
        type="text"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={value}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </div>
  )
}

const STEPS = [1, 10, 50, 100]

/** A share in percent: a few steps, or what is typed, to 0.01. */
export function Share({ label, value, of = 'records', onChange }: ShareProps) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="share">
        <input
          id={id}
          name="share"
          type="text"
          inputMode="decimal"
          autocomplete="off"
          value={value}
          aria-describedby={`${id}-note`}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
        <span aria-hidden="true">%</span>
        {STEPS.map((step) => (
          <button
            type="button"
            key={step}
            class="chip"
            aria-pressed={value === String(step)}
            onClick={() => onChange(String(step))}
          >
            {step} %
          </button>
        ))}
      </div>
      <small id={`${id}-note`}>From 0 to 100, in steps of 0.01. The same {of} are always in it.</small>
    </div>
  )
}

interface ShareProps {
  label: string
  value: string
  /** Of what it is a share. */
  of?: string
  onChange: Take
}

/** One of a few. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const id = useId()
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => take(currentTarget.value)}>
        {options.map(([option, shown]) => (
          <option key={option} value={option} selected={option === value}>
            {shown}
          </option>
        ))}
      </select>
    </div>
  )

  function take(text: string): void {
    const found = options.find(([option]) => option === text)
    if (found !== undefined) onChange(found[0])
  }
}

interface ChoiceProps<T extends string> {
  label: string
  value: T
  options: readonly (readonly [T, string])[]
  onChange: (value: T) => void
}

export function Check({ label, note, checked, onChange }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={checked} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      <span>
        {label}
        {note === undefined ? null : <small>{note}</small>}
      </span>
    </label>
  )
}

interface CheckProps {
  label: string
  note?: ComponentChildren
  checked: boolean
  onChange: (checked: boolean) => void
}
