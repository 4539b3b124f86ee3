import { CutoverError } from '../core/error.js'
import { parseJsonText } from '../core/json-text.js'
import type { Member } from './member.js'

/** Reads a file that the operator named. */
export type ReadFile = (path: string) => Promise<string>

/**
 * The value of a member from its texts. A list may be repeated, separated by commas, or written as a JSON array (for
 * values that contain commas); JSON may come from a file, as `@path`. Throws `invalid-input`.
 */
export async function readMember(member: Member, shown: string, texts: string[], readFile: ReadFile): Promise<unknown> {
  if (member.list) return readList(member, shown, texts, readFile)
  const [text = ''] = texts
  if (texts.length > 1) throw fault(shown, 'is given more than once')
  return readOne(member, shown, text, readFile)
}

async function readList(member: Member, shown: string, texts: string[], readFile: ReadFile): Promise<unknown[]> {
  const values: unknown[] = []
  for (const text of texts) {
    const isJson = text.startsWith('[') || (member.kind === 'json' && text.startsWith('@'))
    if (isJson) values.push(...[await readJson(shown, text, readFile)].flat())
    else if (member.kind === 'json') values.push(await readJson(shown, text, readFile))
    else for (const part of text.split(',')) values.push(await readOne(member, shown, part.trim(), readFile))
  }
  return values
}

function readOne(member: Member, shown: string, text: string, readFile: ReadFile): unknown {
  switch (member.kind) {
    case 'text':
      return checkChoice(member, shown, text)
    case 'number':
      if (!/^-?\d+(\.\d+)?$/.test(text) || !Number.isFinite(Number(text))) throw fault(shown, 'is not a number')
      return Number(text)
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw fault(shown, 'is neither true nor false')
      return text === 'true'
    case 'scalar':
      // In quotes, `true` and `7` are texts.
      return /^(true|false|-?(0|[1-9]\d*)(\.\d+)?|".*")$/.test(text) ? parseJsonText(text, shown) : text
    case 'json':
      return readJson(shown, text, readFile)
  }
}

function checkChoice(member: Member, shown: string, text: string): string {
  if (member.choices.length === 0 || member.choices.includes(text)) return text
  throw fault(shown, `is one of ${member.choices.join(', ')}`)
}

async function readJson(shown: string, text: string, readFile: ReadFile): Promise<unknown> {
  if (!text.startsWith('@')) return parseJsonText(text, shown)
  const content = await readFile(text.slice(1)).catch((error: unknown) => {
    throw new CutoverError('invalid-input', `The file given for ${shown} cannot be read.`, { cause: error })
  })
  return parseJsonText(content, shown)
}

function fault(shown: string, what: string): CutoverError {
  return new CutoverError('invalid-input', `${shown} ${what}.`)
}
