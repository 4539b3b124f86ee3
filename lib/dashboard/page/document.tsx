import type { ComponentChildren } from 'preact'
import type { Boot } from '../state.js'

/** The whole HTML document. What the browser goes on from lies in it as data, not as a script. */
export function Document({ title, body, boot }: { title: string; body: ComponentChildren; boot?: Boot }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>{`${title} · cutover`}</title>
        <link rel="icon" href="/dashboard/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/dashboard/app.css" />
      </head>
      <body>
        <div id="app">{body}</div>
        {boot === undefined ? null : (
          <>
            <script type="application/json" id="boot" dangerouslySetInnerHTML={{ __html: dataText(boot) }} />
            <script type="module" src="/dashboard/app.js" />
          </>
        )}
      </body>
    </html>
  )
}

/** JSON that no text in it can end early. */
function dataText(data: object): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c')
}
