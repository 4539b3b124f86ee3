import type { Part } from '../state.js'
import { shownCount } from './format.js'
import { Id } from './id.js'
import { Mark, type Tone } from './panel.js'
import { Table } from './table.js'

type Consistent = Part<'consistency'>[number]
type Cause = Consistent['causes'][number]

/** Why records differed, in groups, with examples: of values type and size alone. */
export function Causes({ of: { collection, causes, more } }: { of: Consistent }) {
  if (causes.length === 0) return null
  return (
    <div class="causes">
      <h4>Why</h4>
      {causes.map((cause) => (
        <Group key={`${cause.cause} ${cause.paths.join(' ')}`} cause={cause} collection={collection} />
      ))}
      {causes.some(isForClients) ? (
        <p>
          What cannot be read at the target, and one version with two values, no repair and no back-fill mends: they go
          by versions. Let the application write such a record again (<code>PUT</code> with the value that is right),
          then validate.
        </p>
      ) : null}
      {more ? <p class="quiet">More records differed than these were told from.</p> : null}
    </div>
  )
}

/** Which of two copies is right is not for versions to say. */
function isForClients({ cause, count, repaired }: Cause): boolean {
  return FOR_CLIENTS.has(cause) && repaired < count
}

const FOR_CLIENTS: ReadonlySet<Cause['cause']> = new Set([
  'values-differ',
  'version-names-two-values',
  'damaged-at-target',
])

function Group({ cause, collection }: { cause: Cause; collection: string }) {
  const { examples } = cause
  if (examples.length === 0)
    return (
      <p class="cause">
        <Heading cause={cause} />
      </p>
    )
  return (
    <details class="cause">
      <summary>
        <Heading cause={cause} />
      </summary>
      {examples.map((example) => (
        <Example key={example.id} example={example} collection={collection} />
      ))}
      {cause.count > examples.length ? (
        <p class="quiet">
          {examples.length === 1 ? 'One' : examples.length} of {shownCount(cause.count)}; values are never shown, only
          their type and size.
        </p>
      ) : (
        <p class="quiet">Values are never shown, only their type and size.</p>
      )}
    </details>
  )
}

function Heading({ cause: { cause, count, repaired, inWords } }: { cause: Cause }) {
  const tone: Tone = cause === 'undecided' ? 'warn' : repaired >= count ? 'good' : 'bad'
  return (
    <>
      <Mark tone={tone} /> {inWords}{' '}
      {repaired === 0 ? null : (
        <span class="quiet">{repaired >= count ? 'All repaired.' : `${shownCount(repaired)} repaired.`}</span>
      )}
    </>
  )
}

function Example({ example, collection }: { example: Cause['examples'][number]; collection: string }) {
  const { id, sourceVersion, targetVersion, repaired, fields, more } = example
  return (
    <div class="example">
      <p>
        <Id of={id} /> <span class="quiet">{versionsInWords(sourceVersion, targetVersion)}</span>
        {repaired ? <span class="quiet"> Repaired.</span> : null}
      </p>
      {fields.length === 0 ? null : (
        <Table caption={`Differences of ${collection} ${id}`} columns={['Path', 'Source', 'Target']}>
          {fields.map(({ path, source, target }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              <td class="source">{source ?? 'nothing'}</td>
              <td class="target">{target ?? 'nothing'}</td>
            </tr>
          ))}
        </Table>
      )}
      {more ? <p class="quiet">There are more fields than are listed.</p> : null}
    </div>
  )
}

function versionsInWords(source: number, target: number): string {
  if (source === target) return `Both of version ${source}.`
  return `Source: ${versionInWords(source)}; target: ${versionInWords(target)}.`
}

function versionInWords(version: number): string {
  return version === 0 ? 'no copy' : `version ${version}`
}
