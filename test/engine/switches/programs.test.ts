import { describe, expect, it } from 'vitest'
import { tickProgram } from '../../../lib/engine/programs/tick.js'
import { NAME, phase, program, started } from '../programs/world.js'

describe('a phase whose check fails', () => {
  it('goes back by itself, unless nothing may', async () => {
    const { world, programs, stands, until } = await started(program([phase('base', [], { checks: ['api'] })]))
    world.checkSays = () => 'unavailable'
    await until(async () => (await stands()).base === 'checking')
    world.checkSays = () => 'fail'
    const byHand = { ...programs, autopilot: { ...programs.autopilot, autoRollback: false } }
    for (let turn = 0; turn < 5; turn++) await tickProgram(byHand, NAME, world.now + 60_000)
    expect(await stands()).toEqual({ base: 'checking' })
    await until(async () => (await stands()).base === 'turned-back')
  })
})
