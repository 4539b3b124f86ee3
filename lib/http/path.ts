import { CutoverError } from '../core/error.js'

/**
 * The decoded segments of the request's path. Routers decode a path leniently and more than once; an id that holds
 * `%2F`, `%25` or damaged escapes must arrive exactly as sent or not at all, so segments are read from the URL itself.
 */
export function pathSegments(request: Request): string[] {
  return new URL(request.url).pathname.slice(1).split('/').map(decodeSegment)
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new CutoverError(
      'invalid-input',
      'The path is not percent-encoded UTF-8. Encode each id as encodeURIComponent does.',
    )
  }
}
