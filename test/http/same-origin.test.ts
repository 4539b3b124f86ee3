import { describe, expect, it } from 'vitest'
import { checkSameOrigin } from '../../lib/http/same-origin.js'

const PUBLIC = 'https://cutover.example'

type Headers = { [name: string]: string }

/** Whether it is let pass. */
function passes(headers: Headers, { publicUrl = PUBLIC, url = `${PUBLIC}/api/session` } = {}): boolean {
  try {
    checkSameOrigin(new Request(url, { method: 'POST', headers }), publicUrl)
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'forbidden', message: expect.stringContaining('dashboard’s own page') })
    return false
  }
}

describe('what a browser says of where a request comes from', () => {
  it.each([
    ['same-origin', true],
    ['same-site', false],
    ['cross-site', false],
    ['none', false],
    ['', false],
    ['SAME-ORIGIN', false],
    ['same-origin, cross-site', false],
  ])('Sec-Fetch-Site: %s passes: %j', (site, expected) => {
    const Host = 'cutover.example'
    expect(passes({ 'Sec-Fetch-Site': site, Host })).toBe(expected)
    // Whatever the other header says: of a page without a referrer policy that tells it, that is "null".
    for (const Origin of ['null', PUBLIC, 'https://evil.example']) {
      expect(passes({ 'Sec-Fetch-Site': site, Origin, Host })).toBe(expected)
    }
  })

  it.each([
    ['https://cutover.example', true],
    ['http://cutover.example', false],
    ['https://cutover.example:8443', false],
    ['https://cutover.example:443', false],
    ['https://evil.example', false],
    ['https://sub.cutover.example', false],
    ['https://cutover.example.evil.example', false],
    ['https://cutover.example@evil.example', false],
    ['https://evil.example/https://cutover.example', false],
    ['https://cutover.example/', false],
    ['https://cutover.example https://evil.example', false],
    ['https://cutover.example, https://evil.example', false],
    ['https://cutover.example.', false],
    ['chrome-extension://cutover.example', false],
    ['file://', false],
    ['null', false],
    ['', false],
    ['cutover.example', false],
    ['*', false],
  ])('Origin: %s passes: %j', (Origin, expected) => {
    expect(passes({ Origin, Host: 'cutover.example' })).toBe(expected)
    // A proxy that has changed the host lets nobody else in.
    expect(passes({ Origin, Host: 'inside.internal:3000' }, { url: 'http://inside.internal:3000/x' })).toBe(expected)
  })

  it('is refused if it says nothing', () => {
    expect(passes({ Host: 'cutover.example' })).toBe(false)
    expect(passes({ Host: 'cutover.example', Referer: `${PUBLIC}/` })).toBe(false)
  })
})

describe('a deployment that is reached by another name than its own', () => {
  it('takes the host of the request, too', () => {
    const url = 'https://preview.vercel.example/api/session'
    expect(passes({ Origin: 'https://preview.vercel.example', Host: 'preview.vercel.example' }, { url })).toBe(true)
    expect(passes({ Origin: 'http://preview.vercel.example', Host: 'preview.vercel.example' }, { url })).toBe(false)
    expect(passes({ Origin: 'https://other.vercel.example', Host: 'preview.vercel.example' }, { url })).toBe(false)
  })

  it('takes no host that a header for proxies names', () => {
    const headers = { Host: 'cutover.example', 'X-Forwarded-Host': 'evil.example', Forwarded: 'host=evil.example' }
    expect(passes({ Origin: 'https://evil.example', ...headers })).toBe(false)
  })
})

describe('a stack on one’s own machine', () => {
  const local = { publicUrl: 'http://127.0.0.1:3000', url: 'http://localhost:3000/api/session' }
  it.each([
    ['http://localhost:3000', true],
    ['http://127.0.0.1:3000', true],
    ['http://localhost:3001', false],
    ['http://127.0.0.1', false],
    ['http://localhost', false],
    ['null', false],
  ])('takes Origin: %s: %j', (Origin, expected) => {
    expect(passes({ Origin, Host: 'localhost:3000' }, local)).toBe(expected)
    expect(passes({ Origin }, local)).toBe(expected)
  })

  it('takes a port that is said where it need not be for what it is', () => {
    const at = { publicUrl: 'http://a.example', url: 'http://b.example/x' }
    expect(passes({ Origin: 'http://b.example', Host: 'b.example:80' }, at)).toBe(true)
    expect(passes({ Origin: 'http://b.example', Host: 'b.example:443' }, at)).toBe(false)
  })

  it.each(['', 'a b', '[', 'localhost:3000/x@evil.example'])('takes nobody for the host %j', (Host) => {
    expect(passes({ Origin: 'http://evil.example', Host }, local)).toBe(false)
  })
})
