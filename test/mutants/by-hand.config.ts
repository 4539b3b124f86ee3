import { relative } from 'node:path'
import { defineConfig } from 'vitest/config'
import { editedText, ROOT } from './bundle.js'
import type { Edit } from './mutant.js'

/** The tests by hand, with the edits of one mutant made while its files are loaded. */
const edits = JSON.parse(process.env.MUTANT_EDITS ?? '[]') as Edit[]

export default defineConfig({
  plugins: [
    {
      name: 'mutant',
      enforce: 'pre',
      load(id) {
        const file = relative(ROOT, id).replaceAll('\\', '/')
        return edits.some((edit) => edit.file === file) ? editedText(file, edits, file) : null
      },
    },
  ],
  test: {
    include: ['test/protocol/**/*.test.ts', 'test/drivers/stores/{source,target}-memory.test.ts'],
    testTimeout: 20_000,
    maxWorkers: 1,
  },
})
