import { describe, expect, test } from 'vitest'
import { commands } from '../../../../lib/commands/index.js'
import {
  previewPath,
  rehearsalOf,
  requestOf,
  rolloutLook,
  shareOf,
  type Wish,
} from '../../../../lib/dashboard/client/acts/request.js'
import { ACTS } from '../../../../lib/dashboard/page/act.js'

const collection = 'a/b c'
const WISHES: { readonly [kind in Wish['kind']]: { wish: Wish; verb: string } } = {
  advance: {
    wish: { kind: 'advance', collection, to: 'live', rolloutPercent: 0.01, ifEpoch: 7, acceptRisk: true },
    verb: 'advance-stage',
  },
  'roll-back': {
    wish: { kind: 'roll-back', collection, to: 'shadow', rolloutPercent: 0, ifEpoch: 7 },
    verb: 'roll-back',
  },
  'roll-back-component': {
    wish: { kind: 'roll-back-component', collection, to: 'shadow', ifEpoch: 7 },
    verb: 'roll-back-component',
  },
  'set-share': {
    wish: { kind: 'set-share', flag: 'new-search', sharePercent: 12.5, revision: 3 },
    verb: 'set-flag',
  },
  backfill: { wish: { kind: 'backfill', collection }, verb: 'backfill' },
  validate: { wish: { kind: 'validate', collection, repair: true, hidden: true, kept: 20 }, verb: 'validate' },
  'check-zero-loss': { wish: { kind: 'check-zero-loss', collection }, verb: 'check-zero-loss' },
  'pause-run': { wish: { kind: 'pause-run', runId: 'r/1' }, verb: 'pause-run' },
  'resume-run': { wish: { kind: 'resume-run', runId: 'r/1' }, verb: 'resume-run' },
  'cancel-run': { wish: { kind: 'cancel-run', runId: 'r/1' }, verb: 'cancel-run' },
  'pause-plan': { wish: { kind: 'pause-plan', name: 'the-week' }, verb: 'pause-plan' },
  'resume-plan': { wish: { kind: 'resume-plan', name: 'the-week' }, verb: 'resume-plan' },
  'pause-program': { wish: { kind: 'pause-program', name: 'p-1' }, verb: 'pause-program' },
  'resume-program': { wish: { kind: 'resume-program', name: 'p-1' }, verb: 'resume-program' },
  'acknowledge-alert': { wish: { kind: 'acknowledge-alert', alertId: 'a-1' }, verb: 'acknowledge-alert' },
  'resolve-alert': { wish: { kind: 'resolve-alert', alertId: 'a-1' }, verb: 'resolve-alert' },
  'emergency-stop': { wish: { kind: 'emergency-stop' }, verb: 'emergency-stop' },
  'lift-emergency-stop': { wish: { kind: 'lift-emergency-stop' }, verb: 'lift-emergency-stop' },
}

describe('the request that a wish becomes', () => {
  test.each(Object.entries(WISHES))(
    '%s is one that its verb accepts, with everything in it',
    (_kind, { wish, verb }) => {
      const { method, path, body } = requestOf(wish, '  why  ')
      const command = commandOf(method, path)
      expect(command?.name).toBe(verb)
      const input = { ...parametersOf(command?.http.path ?? '', path), ...body }
      expect(command?.input.safeParse(input)).toMatchObject({ success: true, data: { reason: 'why' } })
      const { kind: _, ...chosen } = wish
      const named = Object.values(chosen).filter((value) => typeof value === 'string' || typeof value === 'number')
      expect(Object.values(input)).toEqual(expect.arrayContaining(named))
    },
  )

  test('an act is offered to exactly those whom its verb takes it from', () => {
    for (const [kind, { wish, verb }] of Object.entries(WISHES)) {
      const offered = Object.entries(ACTS).find(([name]) => name === kind)?.[1].role
      const role = commands.find(({ name }) => name === verb)?.role
      expect([wish.kind, offered ?? role]).toEqual([wish.kind, role])
    }
  })

  test('the share is sent to the hundredth, with the epoch that was looked at', () => {
    expect(requestOf(WISHES.advance.wish, 'why').body).toEqual({
      reason: 'why',
      to: 'live',
      rolloutPercent: 0.01,
      ifEpoch: 7,
      acceptRisk: 'zero-loss-not-proved',
    })
  })

  test('no risk is taken that was not chosen', () => {
    const wish: Wish = { kind: 'advance', collection, to: 'live', rolloutPercent: 100, ifEpoch: 7, acceptRisk: false }
    expect(requestOf(wish, 'why').body).not.toHaveProperty('acceptRisk')
  })

  test('values are hidden unless they are asked for', () => {
    const wish = { kind: 'validate', collection, repair: false, kept: 20 } as const
    expect(requestOf({ ...wish, hidden: true }, 'why').body).toMatchObject({ redact: ['$.**'] })
    expect(requestOf({ ...wish, hidden: false }, 'why').body).toMatchObject({ redact: [] })
  })

  test.each([rehearsalOf('emergency-stop'), rehearsalOf({ collection, to: 'shadow' })])(
    '$path is rehearsed',
    (asked) => {
      const command = commandOf(asked.method, asked.path)
      const input = { ...parametersOf(command?.http.path ?? '', asked.path), ...asked.body }
      expect(command?.input.safeParse(input)).toMatchObject({ success: true, data: { rehearsal: true } })
    },
  )

  test('a preview asks for what would be sent', () => {
    const look = { collection, direction: 'up', to: 'complete', rolloutPercent: 12.5, acceptRisk: true } as const
    const { pathname, searchParams } = new URL(previewPath(look), 'http://cutover.test')
    expect(commandOf('GET', pathname)?.name).toBe('preview-stage-change')
    expect(Object.fromEntries(searchParams)).toEqual({
      direction: 'up',
      to: 'complete',
      rolloutPercent: '12.5',
      acceptRisk: 'zero-loss-not-proved',
    })
  })
})

describe('a rollout', () => {
  const at = { collection: 'projects', stage: 'live', present: 50 } as const

  test('is raised at its stage', () => {
    expect(rolloutLook(at, 80)).toEqual({ collection: 'projects', direction: 'up', to: 'live', rolloutPercent: 80 })
  })

  test('is lowered by taking the rest one stage back', () => {
    expect(rolloutLook(at, 10)).toEqual({ collection: 'projects', direction: 'down', to: 'shadow', rolloutPercent: 10 })
  })

  test('cannot be lowered before the first stage', () => {
    expect(rolloutLook({ ...at, stage: 'off' }, 10)).toBeNull()
  })
})

describe('a share', () => {
  test.each([
    ['10', 10],
    [' 0.01 ', 0.01],
    ['12,5', 12.5],
    ['100', 100],
    ['0', 0],
  ])('%j is %d', (text, share) => expect(shareOf(text)).toBe(share))

  test.each(['', '-1', '100.01', '101', '0.001', '1e1', 'ten', '.5', '10 %'])('%j is none', (text) =>
    expect(shareOf(text)).toBeNull(),
  )
})

function commandOf(method: string, path: string) {
  const fitting = commands.filter(
    ({ http }) => http.method === method && patternOf(http.path).test(path.replace('/api/migration', '')),
  )
  return fitting.find(({ http }) => !http.path.includes('{')) ?? fitting[0]
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`)
}

function parametersOf(pattern: string, path: string): { [name: string]: string } {
  const values = path.replace('/api/migration', '').split('/')
  return Object.fromEntries(
    pattern.split('/').flatMap((place, at) => {
      const name = /^\{(\w+)\}$/.exec(place)?.[1]
      return name === undefined ? [] : [[name, decodeURIComponent(values[at] ?? '')]]
    }),
  )
}
