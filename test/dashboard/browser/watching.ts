import type { Page } from 'playwright-core'

/** What the page showed at one moment, as far as it matters here. */
export interface Snapshot {
  /** By collection: `live 50 %`. */
  stages: { [collection: string]: string }
  answers: { question: string; line: string; tone: string; more: string[] }[]
  /** Each run that is under way, with how far it is. */
  runs: string[]
  /** What they were, of those that have ended. */
  ended: string[]
  /** What is said of each collection's copies, in a word. */
  agreement: { [collection: string]: string }
  /** Alerts that nobody has resolved, at their worst. */
  critical: number
}

const KEPT_MAX = 5_000

/** From now on everything that the page shows is kept, in the page itself: what only flashes by is kept as well. */
export async function keepWatch(page: Page): Promise<void> {
  await page.evaluate((max) => {
    const kept: string[] = []
    const texts = (within: ParentNode, selector: string): string[] =>
      [...within.querySelectorAll<HTMLElement>(selector)].map((one) => one.innerText.trim())
    const look = (): void => {
      const tracks = [...document.querySelectorAll('[aria-label^="Stages of "]')]
      const stages = tracks.map((track) => [
        (track.getAttribute('aria-label') ?? '').slice('Stages of '.length),
        texts(track, '[aria-current="step"] strong').join(),
      ])
      const answers = [...document.querySelectorAll('.verdict .answer')].map((card) => ({
        question: texts(card, 'h2').join(),
        line: texts(card, '.line').join(),
        tone: card.className.replace('panel answer ', ''),
        more: texts(card, 'li'),
      }))
      const runs = texts(document, '#runs .run')
      const ended = texts(document, '#runs .ended .what strong')
      const compared = [...document.querySelectorAll('#consistency article')]
      const agreement = compared.map((one) => [texts(one, 'h3').join(), texts(one, '.pill')[0] ?? ''])
      const critical = document.querySelectorAll('#alerts li.alert.critical:not(.resolved)').length
      const shown = JSON.stringify({
        stages: Object.fromEntries(stages),
        answers,
        runs,
        ended,
        agreement: Object.fromEntries(agreement),
        critical,
      })
      if (shown !== kept.at(-1) && kept.length < max) kept.push(shown)
    }
    Reflect.set(globalThis, 'keptByTest', kept)
    look()
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
  }, KEPT_MAX)
}

export async function kept(page: Page): Promise<Snapshot[]> {
  const texts: string[] = await page.evaluate(() => Reflect.get(globalThis, 'keptByTest'))
  return texts.map((text): Snapshot => JSON.parse(text))
}
