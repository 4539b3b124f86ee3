import type { RefObject } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** Whether somebody can see it: the page is in front, and this part of it in view. What nobody sees asks for nothing. */
export function useLooking(box: RefObject<HTMLElement | null>): boolean {
  const [inFront, front] = useState(document.visibilityState === 'visible')
  const [inView, view] = useState(false)
  useEffect(() => {
    const turned = (): void => front(document.visibilityState === 'visible')
    document.addEventListener('visibilitychange', turned)
    return () => document.removeEventListener('visibilitychange', turned)
  }, [])
  useEffect(() => {
    if (box.current === null) return
    const seen = new IntersectionObserver((entries) => view(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: '300px',
    })
    seen.observe(box.current)
    return () => seen.disconnect()
  }, [box])
  return inFront && inView
}

/** Changes when the colours of the page do. */
export function useScheme(): 'light' | 'dark' {
  const [dark, darken] = useState(() => matchMedia(DARK).matches)
  useEffect(() => {
    const query = matchMedia(DARK)
    const turned = (): void => darken(query.matches)
    query.addEventListener('change', turned)
    return () => query.removeEventListener('change', turned)
  }, [])
  return dark ? 'dark' : 'light'
}

const DARK = '(prefers-color-scheme: dark)'
