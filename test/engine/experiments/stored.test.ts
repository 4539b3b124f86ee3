import { describe, expect, it } from 'vitest'
import { readExperiment } from '../../../lib/engine/experiments/kept.js'
import { showExperiment, storedFindings } from '../../../lib/engine/experiments/show.js'
import { stopExperiment } from '../../../lib/engine/experiments/stop.js'
import { analyseExperiment } from '../../../lib/engine/experiments/study.js'
import { ANN, lab, send } from './lab.js'

describe('what the newest stored analysis has found', () => {
  it('is nothing before the first, then what was stored, and at the stop what was concluded', async () => {
    const at = await lab()
    const found = async () => storedFindings(at.context, await readExperiment(at.context.ledger, 'buttons'))
    expect(await found()).toEqual({ recommendations: [], analysis: null })

    await send(at, 'buttons', [{ id: 'e1', subject: 'a', kind: 'exposure' }])
    await analyseExperiment(at.context, await readExperiment(at.context.ledger, 'buttons'))
    await send(at, 'buttons', [{ id: 'e2', subject: 'b', kind: 'exposure' }])
    expect((await showExperiment(at.context, 'buttons')).analysis?.subjects).toBe(2)
    expect(await found()).toMatchObject({
      recommendations: [{ treatment: 'fresh', because: 'too-few-subjects' }],
      analysis: { subjects: 1 },
    })

    const stopped = await stopExperiment(at.context, 'buttons', ANN)
    if (stopped.kind === 'refused') throw new Error(stopped.reason)
    expect((await found()).recommendations).toEqual(stopped.experiment.conclusion?.recommendations)
  })
})
