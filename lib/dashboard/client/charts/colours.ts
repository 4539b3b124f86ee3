/** Colours of the page's stylesheet, for what is drawn on a canvas. */
export interface Colours {
  source: string
  target: string
  text: string
  soft: string
  line: string
  sunk: string
  bad: string
  accentSoft: string
}

export function colours(): Colours {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string): string => style.getPropertyValue(`--${name}`).trim()
  return {
    source: of('source'),
    target: of('target'),
    text: of('text'),
    soft: of('soft'),
    line: of('line'),
    sunk: of('sunk'),
    bad: of('bad'),
    accentSoft: of('accent-soft'),
  }
}
