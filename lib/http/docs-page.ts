import type { OpenapiDocument, Operation } from './openapi-document.js'

/** The description as one page without scripts and without anything from elsewhere. */
export function docsPage(document: OpenapiDocument): string {
  const groups = new Map<string, string[]>()
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? 'other'
      groups.set(tag, [...(groups.get(tag) ?? []), row(method, path, operation)])
    }
  }
  const sections = [...groups].map(
    ([tag, rows]) => `<section><h2>${escapeHtml(tag)}</h2><table>${rows.join('')}</table></section>`,
  )
  const { title, version, description } = document.info
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(title)} API</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${escapeHtml(description)} The full description is <a href="/openapi.json">openapi.json</a>.</p>
${sections.join('\n')}
</body></html>
`
}

function row(method: string, path: string, operation: Operation): string {
  const names = (operation.parameters ?? []).flatMap(({ name, in: place }) =>
    typeof name === 'string' && place !== 'path' ? [name] : [],
  )
  const parameters = names.length === 0 ? '' : `<br><small>${escapeHtml(names.join(', '))}</small>`
  const note = operation.description === undefined ? '' : `<br><small>${escapeHtml(operation.description)}</small>`
  return (
    `<tr id="${escapeHtml(operation.operationId)}"><td><b>${escapeHtml(method.toUpperCase())}</b></td>` +
    `<td><code>${escapeHtml(path)}</code>${parameters}</td><td>${escapeHtml(operation.summary)}${note}</td></tr>`
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}

const STYLE = [
  ':root{color-scheme:light dark}',
  'body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}',
  'table{border-collapse:collapse;width:100%}',
  'td{border-top:1px solid #8884;padding:.4rem .6rem;text-align:left;vertical-align:top}',
  'small{opacity:.75}',
].join('')
