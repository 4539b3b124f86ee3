import { hydrate } from 'preact'
import type { Boot } from '../state.js'
import { App } from './app.js'

const root = document.getElementById('app')
const data = document.getElementById('boot')
if (root !== null && data !== null) {
  const boot: Boot = JSON.parse(data.textContent ?? 'null')
  hydrate(<App boot={boot} />, root)
}
