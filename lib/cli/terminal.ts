import { createInterface } from 'node:readline/promises'

/** What a verb writes to and whom it asks. */
export interface Terminal {
  out: Output
  err: Output
  /** Somebody can answer a question. */
  interactive: boolean
  /** One line; empty when the input ends. */
  ask(question: string): Promise<string>
}

export interface Output {
  write(text: string): void
  isTTY: boolean
  columns: number
}

/** Results go to standard output; questions, progress and errors to standard error. */
export function processTerminal(process: NodeJS.Process): Terminal {
  const { stdin, stdout, stderr } = process
  return {
    out: outputOf(stdout),
    err: outputOf(stderr),
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    ask(question) {
      const lines = createInterface({ input: stdin, output: stderr })
      const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
      return Promise.race([lines.question(question), ended]).finally(() => lines.close())
    },
  }
}

/** Whoever reads may stop reading (`| head`): that is no fault. */
function outputOf(stream: NodeJS.WriteStream): Output {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    write: (text) => void stream.write(text),
    isTTY: stream.isTTY === true,
    // A terminal without a size says 0.
    columns: stream.columns > 0 ? stream.columns : 80,
  }
}
