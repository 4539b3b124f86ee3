import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * The dialog itself: the browser keeps the focus in it, closes it on Escape and gives the focus back. What it was opened
 * from may be gone by then (there is no further stage to advance to); then the heading of that part gets it.
 */
export function Frame({ title, children, onClose }: FrameProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  const isOver = useRef(false)
  useLayoutEffect(() => {
    const opener = document.activeElement
    const part = opener?.closest('section[id]')?.id ?? null
    const shown = dialog.current
    shown?.showModal()
    shown?.addEventListener('click', followLink)
    heading.current?.focus()
    return () => {
      isOver.current = true
      if (shown?.open) shown.close()
      queueMicrotask(() => giveFocusBack(opener, part, shown?.dataset.goTo))
    }
  }, [])
  return (
    // The browser tells of a close after it: one that made room for another act must not close that.
    <dialog
      ref={dialog}
      class="act-dialog"
      aria-labelledby="act-title"
      onClose={() => (isOver.current ? undefined : onClose())}
    >
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

/** A link to a part of the page closes the dialog that hides it, and leads there. */
function followLink(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest('a[href^="#"]') : null
  const dialog = link?.closest('dialog')
  if (link == null || dialog == null) return
  event.preventDefault()
  dialog.dataset.goTo = link.getAttribute('href')?.slice(1) ?? ''
  dialog.close()
}

function giveFocusBack(opener: Element | null, part: string | null, goTo: string | undefined): void {
  if (document.querySelector('dialog[open]') !== null) return
  const isThere = goTo === undefined && opener instanceof HTMLElement && opener.isConnected && opener !== document.body
  const heading = document.getElementById(`${goTo ?? part}-title`)
  if (isThere) opener.focus()
  else if (heading !== null) {
    heading.tabIndex = -1
    heading.focus()
  }
}
