import type { AuditEntry, DashboardState } from '../state.js'
import { changeInWords } from './audit-words.js'
import { useBrowserParts } from './in-browser.js'
import { Empty, Missing, Panel } from './panel.js'
import { Time } from './time.js'

/** Who changed what, when and why. */
export function Audit({ state }: { state: DashboardState }) {
  const parts = useBrowserParts()
  const { audit } = state
  return (
    <Panel id="audit" title="Audit trail" aside="newest first">
      {audit === null ? (
        <Missing state={state} part="audit" />
      ) : parts !== null ? (
        <parts.AuditTrail audit={audit} />
      ) : audit.items.length === 0 ? (
        <Empty>Nothing was changed yet. Every act, by a person or by a plan, is entered here with its reason.</Empty>
      ) : (
        <>
          <Entries items={audit.items} />
          {audit.next === null ? null : (
            <p class="quiet more">
              Older entries: <code>npm run -s cutover -- list-audit</code>
            </p>
          )}
        </>
      )}
    </Panel>
  )
}

export function Entries({ items }: { items: readonly AuditEntry[] }) {
  return (
    <ol class="entries">
      {items.map((entry) => (
        <Entry key={entry.position} entry={entry} />
      ))}
    </ol>
  )
}

function Entry({ entry: { at, by, action, collection, reason, before, after } }: { entry: AuditEntry }) {
  const change = changeInWords(before, after)
  return (
    <li>
      <Time at={at} />
      <span class="what">
        <strong>{action}</strong>
        {collection === null ? null : ` ${collection}`}
        <span class="quiet"> by {by}</span>
      </span>
      <span class="why">{reason}</span>
      {change === null ? (
        <Sides before={before} after={after} />
      ) : change === '' ? null : (
        <span class="change">{change}</span>
      )}
    </li>
  )
}

function Sides({ before, after }: { before: unknown; after: unknown }) {
  return (
    <details class="change">
      <summary>What changed</summary>
      <dl>
        <dt>Before</dt>
        <dd>
          <pre>{sideText(before)}</pre>
        </dd>
        <dt>After</dt>
        <dd>
          <pre>{sideText(after)}</pre>
        </dd>
      </dl>
    </details>
  )
}

function sideText(side: unknown): string {
  return side === null || side === undefined ? 'nothing' : JSON.stringify(side, null, 2)
}
