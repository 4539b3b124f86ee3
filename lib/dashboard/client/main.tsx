import { hydrate } from 'preact'
import { Page } from '../page/page.js'
import type { Boot } from '../state.js'

const root = document.getElementById('app')
const data = document.getElementById('boot')
if (root !== null && data !== null) {
  const boot: Boot = JSON.parse(data.textContent ?? 'null')
  hydrate(<Page boot={boot} />, root)
}
