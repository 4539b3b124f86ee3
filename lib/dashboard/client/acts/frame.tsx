import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * The dialog itself: the browser keeps the focus in it, closes it on Escape and gives the focus back. What it was opened
 * from may be gone by then (there is no further stage to advance to); then the heading of that part gets it.
 */
export function Frame({ title, children, onClose }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => {
    const opener = document.activeElement
    const part = opener?.closest('section[id]')?.id ?? null
    const shown = dialog.current
    shown?.showModal()
    heading.current?.focus()
    return () => {
      if (shown?.open) shown.close()
      queueMicrotask(() => giveFocusBack(opener, part))
    }
  }, [])
  return (
    <dialog ref={dialog} class="act-dialog" aria-labelledby="act-title" onClose={onClose}>
      <header>
        <h2 id="act-title" ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" class="close" aria-label="Close" onClick={() => dialog.current?.close()}>
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d="M3 3l10 10M13 3L3 13" />
          </svg>
        </button>
      </header>
      {children}
    </dialog>
  )
}

interface FrameProps {
  title: string
  children: ComponentChildren
  onClose: () => void
}

function giveFocusBack(opener: Element | null, part: string | null): void {
  if (document.querySelector('dialog[open]') !== null) return
  const isThere = opener instanceof HTMLElement && opener.isConnected && opener !== document.body
  const heading = part === null ? null : document.getElementById(`${part}-title`)
  if (isThere) opener.focus()
  else if (heading !== null) {
    heading.tabIndex = -1
    heading.focus()
  }
}
