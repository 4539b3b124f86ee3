import { expect, it } from 'vitest'
import type { Alert } from '../../lib/core/alert.js'
import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import { acknowledgeAlert, listAlerts, raiseAlert } from '../../lib/engine/alerts.js'

function alert(id: string, at: number): Alert {
  return {
    id,
    at,
    severity: 'warning',
    kind: 'store-unreachable',
    collection: 'projects',
    message: id,
    acknowledgedBy: null,
  }
}

/** What alerts need, and who was told. */
function desk() {
  const told: string[] = []
  const notify = async ({ id }: Alert): Promise<void> => {
    told.push(id)
    throw new Error('the receiver is away')
  }
  const background = (work: Promise<unknown>): void => void work.catch(() => {})
  return { ledger: memoryLedger(), notify, background, told }
}

it('an alert is raised once, however often it is found', async () => {
  const at = desk()
  const answers = await Promise.all([1, 2, 3].map((moment) => raiseAlert(at, alert('same', moment))))
  expect(answers.sort()).toEqual(['known', 'known', 'raised'])
  expect((await listAlerts(at, 10)).length).toBe(1)
  expect(at.told).toEqual(['same'])
  expect((await at.ledger.entries('alerts', { limit: 10 })).items.length).toBe(1)
})

it('the newest are listed first, of however many there are', async () => {
  const at = desk()
  for (let moment = 0; moment < 450; moment++) await raiseAlert(at, alert(`a${(moment * 7919) % 450}`, moment))
  const listed = await listAlerts(at, 5)
  expect(listed.map((one) => one.at)).toEqual([449, 448, 447, 446, 445])
})

it('is acknowledged by name, and stays acknowledged when it is found again', async () => {
  const at = desk()
  await raiseAlert(at, alert('one', 1))
  const both = await Promise.all(['ann', 'bob'].map((by) => acknowledgeAlert(at, 'one', by)))
  expect(both.map(({ acknowledgedBy }) => acknowledgedBy)).toEqual(['ann', 'bob'])
  expect(await raiseAlert(at, alert('one', 2))).toBe('known')
  expect((await listAlerts(at, 10))[0]?.acknowledgedBy).toMatch(/ann|bob/)
  await expect(acknowledgeAlert(at, 'none', 'ann')).rejects.toMatchObject({ code: 'not-found' })
})
