import type uPlot from 'uplot'
import type { Colours } from './colours.js'
import { type Held, linesOf, type Mark } from './marks.js'

/** Lines above the first chart on which labels of marks may stand. */
export const LABEL_LINES = 2
/** Height of the lane below the time axis that says which stage was held. */
export const LANE_HEIGHT = 26

const LINE_HEIGHT = 17
const FONT_PX = 11.5

export function labelsHeight(lines: number): number {
  return lines * LINE_HEIGHT + 6
}

/** A line at every stage change, through all charts; the first has the labels above it. */
export function drawMarks(chart: uPlot, marks: readonly Mark[], palette: Colours, labelled: boolean): void {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const inside = marks
    .map((mark) => ({ mark, x: Math.round(chart.valToPos(mark.at / 1_000, 'x', true)) }))
    .filter(({ x }) => x >= bbox.left && x <= bbox.left + bbox.width)
  ctx.save()
  ctx.lineWidth = ratio
  ctx.setLineDash([2 * ratio, 2 * ratio])
  for (const { mark, x } of inside) {
    ctx.strokeStyle = mark.back ? palette.bad : palette.soft
    ctx.beginPath()
    ctx.moveTo(x, bbox.top - (labelled ? 2 * ratio : 8 * ratio))
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
  }
  ctx.restore()
  if (labelled) drawLabels(chart, inside, palette)
}

function drawLabels({ ctx, bbox }: uPlot, marks: { mark: Mark; x: number }[], palette: Colours): void {
  const ratio = devicePixelRatio
  ctx.save()
  ctx.font = fontOf(550)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'alphabetic'
  const texts = marks.map(({ mark }) => (mark.back ? `↩ ${mark.label}` : mark.label))
  const places = linesOf(
    marks.map(({ x }, index) => ({
      left: x - 2 * ratio,
      width: ctx.measureText(texts[index] ?? '').width + 12 * ratio,
    })),
    bbox.left + bbox.width + 10 * ratio,
    LABEL_LINES,
  )
  marks.forEach(({ mark, x }, index) => {
    const place = places[index] ?? null
    ctx.fillStyle = mark.back ? palette.bad : palette.text
    ctx.strokeStyle = mark.back ? palette.bad : palette.soft
    if (place === null) return
    const y = bbox.top - (place.line * LINE_HEIGHT + 6) * ratio
    ctx.fillText(texts[index] ?? '', place.left, y)
    if (place.line === 0) return
    ctx.lineWidth = ratio
    ctx.beginPath()
    ctx.moveTo(x, y + 3 * ratio)
    ctx.lineTo(x, bbox.top)
    ctx.stroke()
  })
  ctx.restore()
}

/** The lane of stages: its edges are the stage changes, on the axis. */
export function drawHeld(chart: uPlot, held: readonly Held[], palette: Colours, below: number): void {
  const { ctx, bbox } = chart
  const ratio = devicePixelRatio
  const [top, height] = [bbox.top + bbox.height + (below + 3) * ratio, (LANE_HEIGHT - 6) * ratio]
  ctx.save()
  ctx.font = fontOf(550)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  held.forEach(({ from, to, name: stage, back }, index) => {
    const name = back ? `↩ ${stage}` : stage
    const left = Math.max(bbox.left, chart.valToPos(from / 1_000, 'x', true))
    const right = Math.min(bbox.left + bbox.width, chart.valToPos(to / 1_000, 'x', true))
    if (right - left < 1) return
    ctx.fillStyle = index % 2 === 0 ? palette.sunk : palette.accentSoft
    ctx.fillRect(left, top, right - left, height)
    ctx.fillStyle = back ? palette.bad : palette.soft
    if (index > 0) ctx.fillRect(left, top - 3 * ratio, (back ? 2 : 1) * ratio, height + 3 * ratio)
    ctx.fillStyle = palette.text
    if (ctx.measureText(name).width + 10 * ratio <= right - left) ctx.fillText(name, left + 6 * ratio, top + height / 2)
  })
  ctx.restore()
}

function fontOf(weight: number): string {
  return `${weight} ${FONT_PX * devicePixelRatio}px system-ui, "Segoe UI", Roboto, sans-serif`
}
