/**
 * Names for subjects that do not tell who they are: HMAC (RFC 2104) with SHA-256 (FIPS 180-4), cut to 128 bits, as 32
 * hexadecimal digits. The key is the experiment's own, so that one subject has unlike names in two experiments.
 *
 * What it is not: anonymous. Whoever can read the ledger has the key, and can try out whether a name is that of somebody
 * they know of.
 */
export function keyedHash(key: string, text: string): string {
  const bytes = encoder.encode(key)
  const padded = new Uint8Array(BLOCK)
  padded.set(bytes.length > BLOCK ? sha256(bytes) : bytes)
  const inner = sha256(
    joined(
      padded.map((byte) => byte ^ 0x36),
      encoder.encode(text),
    ),
  )
  const outer = sha256(
    joined(
      padded.map((byte) => byte ^ 0x5c),
      inner,
    ),
  )
  return Array.from(outer.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const BLOCK = 64
const encoder = new TextEncoder()

export function sha256(message: Uint8Array): Uint8Array {
  const view = new DataView(padding(message).buffer)
  const state = Uint32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))
  for (let block = 0; block < view.byteLength; block += BLOCK) compress(state, view, block)
  const answer = new DataView(new ArrayBuffer(32))
  state.forEach((word, at) => {
    answer.setUint32(at * 4, word)
  })
  return new Uint8Array(answer.buffer)
}

/** The first 64 primes, whose square and cube roots the standard takes its constants from. */
const PRIMES = primes(64)
const ROUND_CONSTANTS = Uint32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)))

function compress(state: Uint32Array, view: DataView, from: number): void {
  const words = new Uint32Array(64)
  for (let at = 0; at < 64; at++) {
    if (at < 16) words[at] = view.getUint32(from + at * 4)
    else
      words[at] =
        word(words, at - 16) + small0(word(words, at - 15)) + word(words, at - 7) + small1(word(words, at - 2))
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state
  for (let at = 0; at < 64; at++) {
    const choice = (e & f) ^ (~e & g)
    const first =
      (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + choice + word(ROUND_CONSTANTS, at) + word(words, at)) | 0
    const majority = (a & b) ^ (a & c) ^ (b & c)
    const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((more, at) => {
    state[at] = word(state, at) + more
  })
}

function padding(message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(Math.ceil((message.length + 9) / BLOCK) * BLOCK)
  padded.set(message)
  padded[message.length] = 0x80
  new DataView(padded.buffer).setUint32(padded.length - 4, message.length * 8)
  return padded
}

function word(words: Uint32Array, at: number): number {
  return words[at] ?? 0
}

function turn(value: number, by: number): number {
  return (value >>> by) | (value << (32 - by))
}

function small0(value: number): number {
  return turn(value, 7) ^ turn(value, 18) ^ (value >>> 3)
}

function small1(value: number): number {
  return turn(value, 17) ^ turn(value, 19) ^ (value >>> 10)
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32)
}

function primes(count: number): number[] {
  const found: number[] = []
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate)
  }
  return found
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length)
  both.set(a)
  both.set(b, a.length)
  return both
}
