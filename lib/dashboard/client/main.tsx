import { hydrate } from 'preact'
import { BrowserParts } from '../page/in-browser.js'
import type { Boot } from '../state.js'
import { App } from './app.js'
import { browserParts } from './browser-parts.js'

const root = document.getElementById('app')
const data = document.getElementById('boot')
if (root !== null && data !== null) {
  const boot: Boot = JSON.parse(data.textContent ?? 'null')
  hydrate(
    <BrowserParts.Provider value={browserParts}>
      <App boot={boot} />
    </BrowserParts.Provider>,
    root,
  )
}
