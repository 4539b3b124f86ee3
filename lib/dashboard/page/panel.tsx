import type { ComponentChildren } from 'preact'
import type { DashboardState } from '../state.js'

/** One part of the page, with a heading that one can jump to. */
export function Panel({ id, title, aside, children, tone }: PanelProps) {
  return (
    <section class={`panel ${tone ?? ''}`} id={id} aria-labelledby={`${id}-title`}>
      <header>
        <h2 id={`${id}-title`}>{title}</h2>
        {aside === undefined ? null : <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  )
}

interface PanelProps {
  id: string
  title: string
  /** At the right of the heading: a count, a switch. */
  aside?: ComponentChildren
  children: ComponentChildren
  tone?: 'bad' | 'warn'
}

/** Nothing to show, and that is all right: says what would be here and how it comes to be. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}

/** A part that could not be read: never shown as if there were nothing. */
export function Missing({ state, part }: { state: DashboardState; part: keyof DashboardState }) {
  const code = state.missing.find((one) => one.part === part)?.code ?? 'not-asked'
  return (
    <p class="missing">
      <Mark tone="warn" /> This could not be read just now ({code}). It is asked for again; what was here may have
      changed.
    </p>
  )
}

export type Tone = 'good' | 'warn' | 'bad' | 'quiet' | 'busy'

/** A shape for each tone, so that colour is never all that tells them apart. What it means stands beside it in words. */
export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg class={`mark ${tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {SHAPES[tone]}
    </svg>
  )
}

const SHAPES = {
  good: <path d="M2.5 8.5l3.5 3.5 7.5-8" />,
  warn: <path d="M8 2l6.5 11.5h-13zM8 6.5v3.2M8 11.6v.2" />,
  bad: <path d="M5 1.5h6L14.5 5v6L11 14.500H5L1.500 11V5zM5.500 5.500l5 5M10.500 5.500l-5 5" />,
  quiet: <path d="M3 8h10" />,
  busy: <path d="M8 2a6 6 0 1 1-6 6" />,
} as const

/** A word with its tone. */
export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return (
    <span class={`pill ${tone}`}>
      <Mark tone={tone} />
      {children}
    </span>
  )
}
