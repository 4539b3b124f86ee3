import type { Outcome } from './measure-row.js'
import { isMet } from './row.js'

/** A row's result as lines of Markdown, for the terminal and for BENCHMARKS.md alike. */
export function sectionOf(outcome: Outcome): string {
  if (outcome.kind === 'failed') return `## ${outcome.number}. not measured\n\n${outcome.error}\n`
  const { row, measured, seconds } = outcome
  const lines = measured.figures.map(({ what, figure, against, ratio, met, counted }) => {
    const verdict = met === null ? '' : `${met ? 'met' : '**missed**'}${counted ? ', counted' : ''}`
    return `| ${what} | ${figure} | ${against ?? ''} | ${ratio === null ? '' : ratio.toPrecision(3)} | ${verdict} |`
  })
  return [
    `## ${row.number}. ${row.work}`,
    '',
    `Against: ${row.against}. Goal: ${row.goal}.`,
    '',
    ...measured.configuration.map((text) => `- ${text}`),
    '',
    '| what | ours | against | ratio | goal |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    ...(measured.notes.length === 0 ? [] : ['', ...measured.notes.map((text) => `- ${text}`)]),
    '',
    `Measured in ${seconds.toFixed(0)} s.`,
    '',
  ].join('\n')
}

/** The table at the top: one line a row. */
export function summaryOf(outcomes: readonly Outcome[]): string {
  const lines = outcomes.map((outcome) => {
    if (outcome.kind === 'failed') return `| ${outcome.number} | not measured | | | |`
    const { row, measured } = outcome
    const ratios = measured.figures.filter(({ met, ratio }) => met !== null && ratio !== null)
    const missed = measured.figures.filter(({ met }) => met === false)
    const verdict = isMet(measured) ? 'met' : `missed by ${missed.length} of ${measured.figures.length} figures`
    return `| ${row.number} | ${row.work} | ${row.goal} | ${rangeOf(ratios.map(({ ratio }) => ratio ?? 0))} | ${verdict} |`
  })
  return ['| # | work | goal | ratios | met |', '| --- | --- | --- | --- | --- |', ...lines, ''].join('\n')
}

function rangeOf(ratios: readonly number[]): string {
  if (ratios.length === 0) return 'counts, below'
  const [low, high] = [Math.min(...ratios).toPrecision(3), Math.max(...ratios).toPrecision(3)]
  return low === high ? low : `${low} to ${high}`
}
