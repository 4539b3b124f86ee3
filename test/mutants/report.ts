import type { Finding, Survey } from './survey.js'

export function lineOf({ mutant, caught, seconds }: Finding): string {
  const { name } = mutant
  if (mutant.redundant !== undefined) return `redundant  ${name}: ${mutant.redundant}`
  if (caught === null) return `SURVIVED   ${name} (${mutant.guard}), looked for by ${mutant.hunt.join(', ')}`
  return `caught     ${name}: ${caught.ground} ${caught.seed}, ${caught.steps} steps, ${seconds.toFixed(1)} s`
}

/** guard | mutant (file) | caught by | seed | steps | seconds */
export function tableOf({ findings }: Survey): string {
  const rows = findings.map(({ mutant, caught, seconds }) => [
    mutant.guard,
    `${mutant.name} (${[...new Set(mutant.edits.map(({ file }) => file))].join(', ')})`,
    mutant.redundant !== undefined ? 'redundant' : caught === null ? 'SURVIVED' : nameOf(caught.ground),
    String(caught?.seed ?? ''),
    String(caught?.steps ?? ''),
    caught === null ? '' : seconds.toFixed(1),
  ])
  const head = ['guard', 'mutant (file)', 'caught by', 'seed', 'steps', 'seconds']
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
}

export function summaryOf({ caught, expected, redundant, slowest }: Survey): string {
  const most = slowest === null ? '' : `, slowest ${slowest.seconds.toFixed(1)} s (${slowest.mutant.name})`
  const others = redundant === 0 ? '' : `; ${redundant} more are redundant, with the reason`
  return `caught ${caught} of ${expected}${most}${others}`
}

export function jsonOf({ findings, caught, expected, redundant }: Survey): string {
  const mutants = findings.map((finding) => ({
    guard: finding.mutant.guard,
    mutant: finding.mutant.name,
    files: [...new Set(finding.mutant.edits.map(({ file }) => file))],
    redundant: finding.mutant.redundant ?? null,
    caughtBy: finding.caught === null ? null : nameOf(finding.caught.ground),
    seed: finding.caught?.seed ?? null,
    steps: finding.caught?.steps ?? null,
    fault: finding.caught?.fault ?? null,
    seconds: Number(finding.seconds.toFixed(2)),
  }))
  return JSON.stringify({ caught, expected, redundant, mutants }, null, 2)
}

function nameOf(ground: string): string {
  return ['model', 'contract', 'by-hand'].includes(ground) ? ground : `simulation/${ground}`
}
