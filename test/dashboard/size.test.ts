import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { dashboardAssets } from '../../scripts/build/assets.js'

const BYTES_MAX = 100_000

test('all that the page loads is less than 100 KB, packed', async () => {
  const assets = await dashboardAssets()
  expect([...assets.keys()]).toEqual(expect.arrayContaining(['dashboard/app.js', 'dashboard/app.css']))
  const sizes = [...assets].map(([path, contents]): [string, number] => [path, gzipSync(contents).length])
  const bytes = sizes.reduce((sum, [, size]) => sum + size, 0)
  expect(bytes, sizes.join(', ')).toBeLessThan(BYTES_MAX)
})
