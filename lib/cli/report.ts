import type { JsonObject } from '../core/json.js'
import { isKnownRefusal, refusalInWords } from '../core/refusals.js'
import type { Answer } from './client.js'
import { EXIT, type ExitCode } from './exit.js'
import type { Failure } from './failure.js'
import { renderResult } from './render.js'
import type { Terminal } from './terminal.js'
import { jsonLine, printable } from './text.js'

/**
 * What came of a verb, and its exit code. With `json`, standard output holds exactly one line whatever happens: the
 * result, the refusal, or `{"error": {...}}`; failures are told to people on standard error as well.
 */
export function reportAnswer(terminal: Terminal, answer: Answer, json: boolean): ExitCode {
  switch (answer.kind) {
    case 'done':
      terminal.out.write(json ? jsonLine(answer.result) : renderResult(answer.result))
      return EXIT.ok
    case 'refused':
      if (json) terminal.out.write(jsonLine(answer.refusal))
      terminal.err.write(refusalText(answer.refusal))
      return EXIT.failed
    case 'failed':
      return reportFailure(terminal, answer.failure, json)
  }
}

export function reportFailure(terminal: Terminal, failure: Failure, json: boolean): ExitCode {
  const { code, title, detail, details, requestId, exit } = failure
  if (json) terminal.out.write(jsonLine({ error: { code, title, detail, details, requestId } }))
  const request = requestId === '' ? '' : ` Request ${requestId}.`
  terminal.err.write(`${printable(`${title}: ${detail} [${code}]${request}`)}\n`)
  return exit
}

function refusalText(refusal: JsonObject): string {
  const { kind: _, reason, inWords, ...rest } = refusal
  const why = String(reason ?? 'no reason given')
  const sentence = typeof inWords === 'string' ? inWords : isKnownRefusal(why) ? refusalInWords(why, rest) : null
  const more = Object.keys(rest).length === 0 ? '' : renderResult(rest)
  return `Refused: ${printable(why)}\n${sentence === null ? '' : `${printable(sentence)}\n`}${more}`
}
