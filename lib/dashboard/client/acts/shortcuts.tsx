import { useEffect, useState } from 'preact/hooks'
import { includesRole, type Role } from '../../../commands/command.js'
import { ACTS, type Act } from '../../page/act.js'
import { Frame } from './frame.js'

/**
 * Keys that work from anywhere on the page but in fields, where they are letters. They open dialogs and do nothing by
 * themselves. Shown at the foot of the page, and with `?`.
 */
export function Shortcuts({ role, ask }: ShortcutsProps) {
  const [isHelp, setHelp] = useState(false)
  const mayStop = ask !== null && includesRole(role, ACTS['emergency-stop'].role)
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const key = shortcutOf(event, isWriting(event.target))
      if (key === null || document.querySelector('dialog[open]') !== null) return
      if (key === 'stop' && !mayStop) return
      event.preventDefault()
      if (key === 'stop') ask?.({ kind: 'emergency-stop' })
      else setHelp(true)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [ask, mayStop])
  return (
    <>
      <footer class="keys quiet">
        {mayStop ? (
          <>
            <kbd>Shift</kbd> + <kbd>E</kbd> emergency stop ·{' '}
          </>
        ) : null}
        <button type="button" class="plain" aria-haspopup="dialog" onClick={() => setHelp(true)}>
          Keys
        </button>
      </footer>
      {isHelp ? <Help mayStop={mayStop} onClose={() => setHelp(false)} /> : null}
    </>
  )
}

interface ShortcutsProps {
  role: Role | null
  /** `null`: nothing can be done now. */
  ask: ((act: Act) => void) | null
}

/** Which shortcut a key is; `null`: none. */
export function shortcutOf(
  event: Pick<KeyboardEvent, 'key' | 'shiftKey' | 'ctrlKey' | 'altKey' | 'metaKey' | 'repeat'>,
  isField: boolean,
): 'stop' | 'help' | null {
  if (isField || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return null
  if (event.key === '?') return 'help'
  return event.shiftKey && event.key.toLowerCase() === 'e' ? 'stop' : null
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest('input, textarea, select, [contenteditable]') !== null
}

function Help({ mayStop, onClose }: { mayStop: boolean; onClose: () => void }) {
  return (
    <Frame title="Keys" onClose={onClose}>
      <div class="act-body">
        <dl class="key-list">
          {mayStop ? (
            <>
              <dt>
                <kbd>Shift</kbd> + <kbd>E</kbd>
              </dt>
              <dd>Opens the emergency stop. Nothing is stopped before you have said why and confirmed.</dd>
            </>
          ) : null}
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>This list.</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Closes a dialog. What is under way goes on.</dd>
          <dt>
            <kbd>Tab</kbd>, <kbd>Enter</kbd>
          </dt>
          <dd>The next control; press it. In a dialog, the focus stays there.</dd>
        </dl>
      </div>
    </Frame>
  )
}
