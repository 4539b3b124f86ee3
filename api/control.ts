import { health } from '../lib/engine/health.js'
import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { controlPart, description, flagsPart } from './_surfaces/control.js'

const parts = await wired()

export default createApp({
  control: await controlPart(parts),
  flags: flagsPart(parts),
  openapi: () => description(parts),
  health: async () => health(await parts.control('looking')),
  clock: parts.clock,
  log: parts.log,
})
