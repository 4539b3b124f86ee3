import { expect, it } from 'vitest'
import { type GivenSource, wrote } from './source-given.js'
import { fenceAt, floorOf, newOp } from './stores.js'

export function remembering(given: GivenSource): void {
  it('knows a named operation that it has done, whatever happened to the record since', async () => {
    const { source, another } = given()
    const op = `${newOp()}.print`
    const version = await wrote(source, 1, 'a', { id: 'a' }, op, true)
    await wrote(another(), 1, 'a', null)
    const again = { id: 'a', base: version + 1, op, named: true, value: { id: 'a' } }
    expect(await another().cas(fenceAt(1), again)).toEqual({ kind: 'known', version, op })
    expect((await another().get('a', op)).remembered).toMatchObject({ version, op })
    expect((await source.get('other', op)).remembered).toMatchObject({ version, op })
  })

  it('tells which request a key was used for, so that its use for another one is noticed', async () => {
    const { source, another } = given()
    const key = newOp()
    const version = await wrote(source, 1, 'a', { id: 'a' }, `${key}.first`, true)
    const other = { id: 'b', base: 0, op: `${key}.second`, named: true, value: { id: 'b' } }
    expect(await another().cas(fenceAt(1), other)).toEqual({ kind: 'known', version, op: `${key}.first` })
    expect((await another().get('b')).copy).toBeNull()
    expect((await another().get('b', `${key}.second`)).remembered).toMatchObject({ version, op: `${key}.first` })
  })

  it('remembers a named operation that the target numbered, and no unnamed one', async () => {
    const { source, another } = given()
    const [applied, unnamed] = [newOp(), newOp()]
    await source.apply(fenceAt(2), 'a', { version: floorOf(2), op: applied, value: { id: 'a' } }, { named: true })
    await wrote(source, 2, 'a', { id: 'a' }, unnamed)
    expect((await another().get('a', applied)).remembered).toMatchObject({ version: floorOf(2), op: applied })
    expect((await another().get('a', unnamed)).remembered).toBeNull()
    expect((await another().get('a')).remembered).toBeNull()
  })

  it('remembers operations whatever their names look like', async () => {
    const { source, another } = given()
    const names = ['7', '__proto__', 'constructor', '-', '12.34', '0']
    for (const op of names) await wrote(source, 1, 'a', { id: 'a' }, op, true)
    for (const op of names) expect((await another().get('a', op)).remembered?.op).toBe(op)
  })

  it('remembers the named operation of a copy whoever brings it, a reader or a pass', async () => {
    const { source, another } = given()
    const copy = (op: string) => ({ version: floorOf(2), op, value: null })
    await source.apply(fenceAt(2), 'a', copy('by-reader.print'))
    await source.applyMany(fenceAt(2), [
      { id: 'b', copy: copy('by-pass.print') },
      { id: 'c', copy: copy('unnamed') },
    ])
    for (const op of ['by-reader.print', 'by-pass.print'])
      expect((await another().get('a', op)).remembered).toMatchObject({ version: floorOf(2), op })
    expect((await another().get('a', 'unnamed')).remembered).toBeNull()
  })

  it('remembers a named operation that was overtaken when it is told so, and keeps the newer copy', async () => {
    const { source, another } = given()
    const newer = { version: floorOf(2) + 5, op: 'later', value: { id: 'a' } }
    const overtaken = { version: floorOf(2) + 1, op: 'earlier.print', value: { id: 'a', n: 1 } }
    await source.apply(fenceAt(2), 'a', newer)
    expect(await source.apply(fenceAt(2), 'a', overtaken, { named: true })).toEqual({ kind: 'newer', copy: newer })
    expect((await another().get('a', overtaken.op)).remembered).toBeNull()
    const told = { named: true, overtaken: true }
    expect(await source.apply(fenceAt(2), 'a', overtaken, told)).toEqual({ kind: 'newer', copy: newer })
    const view = await another().get('a', overtaken.op)
    expect(view).toMatchObject({ copy: newer, remembered: { version: overtaken.version, op: overtaken.op } })
    const again = { id: 'a', base: newer.version, op: overtaken.op, named: true, value: { id: 'a', n: 1 } }
    expect(await another().cas(fenceAt(3), again)).toEqual({
      kind: 'known',
      version: overtaken.version,
      op: overtaken.op,
    })
  })
}
