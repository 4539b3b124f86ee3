import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { tickLabel, ticksOf } from './axis.js'
import { type Colours, colours } from './colours.js'
import type { Held, Mark } from './marks.js'
import { drawHeld, drawMarks, LABEL_LINES, LANE_HEIGHT, labelsHeight } from './paint.js'
import { dataOf, lonely, type Measure, type Plotted, shownFigure, topOf } from './series.js'

/**
 * One measure of all paths over time, on one scale. Several of them below each other share their time axis and their
 * cursor. What it shows is in the table too: to a screen reader it is one picture with a sentence.
 */
export function Chart(props: ChartProps) {
  const { plotted, measure, zone, scheme, place, sentence } = props
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const shown = useRef(props)
  shown.current = props
  const paths = plotted.paths.join()

  // made anew when what it is made of changes, and only then
  useEffect(() => {
    const holder = box.current
    if (holder === null) return
    const made = new uPlot(
      optionsOf(shown, holder.clientWidth),
      dataOf(shown.current.plotted, measure) as uPlot.AlignedData,
      holder,
    )
    chart.current = made
    const sized = new ResizeObserver(() => {
      if (holder.clientWidth > 0) made.setSize({ width: holder.clientWidth, height: heightOf(shown.current.place) })
    })
    sized.observe(holder)
    return () => {
      sized.disconnect()
      made.destroy()
      chart.current = null
    }
  }, [measure, zone, scheme, paths, place])

  // marks are drawn with the data
  useEffect(() => {
    chart.current?.setData(dataOf(plotted, measure) as uPlot.AlignedData)
  }, [plotted, measure, props.marks, props.held])

  return <div ref={box} class="chart" role="img" aria-label={sentence} />
}

export interface ChartProps {
  plotted: Plotted
  measure: Measure
  marks: readonly Mark[]
  held: readonly Held[]
  zone: string
  scheme: 'light' | 'dark'
  /** The first carries the labels of the marks, the last the time axis. */
  place: 'first' | 'middle' | 'last'
  sentence: string
  /** Which stretch the cursor is at; `null`: at none. */
  onPoint: (index: number | null) => void
}

const PLOT_HEIGHT = 84
const AXIS_HEIGHT = 26
const ABOVE = 9
const SCALE_WIDTH = 58
const RIGHT = 10

function heightOf(place: ChartProps['place']): number {
  const above = place === 'first' ? labelsHeight(LABEL_LINES) : ABOVE
  return PLOT_HEIGHT + above + (place === 'last' ? AXIS_HEIGHT + LANE_HEIGHT : 4)
}

function optionsOf(shown: { current: ChartProps }, width: number): uPlot.Options {
  const { plotted, measure, zone, place } = shown.current
  const palette = colours()
  const above = place === 'first' ? labelsHeight(LABEL_LINES) : ABOVE
  return {
    width,
    height: heightOf(place),
    padding: [above, RIGHT, place === 'last' ? LANE_HEIGHT : 4, 0],
    legend: { show: false },
    scales: {
      x: { time: true, range: () => [shown.current.plotted.from / 1_000, shown.current.plotted.to / 1_000] },
      y: { range: () => [0, topOf(shown.current.plotted, measure)] },
    },
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), zone === 'UTC' ? 'Etc/UTC' : zone),
    axes: [timeAxis(zone, palette, place === 'last'), scaleAxis(measure, palette)],
    series: [{}, ...plotted.paths.map((path, index) => lineOf(path, index, palette))],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { size: 7 },
      sync: { key: 'performance' },
    },
    hooks: {
      setCursor: [(chart) => shown.current.onPoint(chart.cursor.idx ?? null)],
      drawAxes: [(chart) => drawMarks(chart, shown.current.marks, palette, place === 'first')],
      draw: [(chart) => (place === 'last' ? drawHeld(chart, shown.current.held, palette, AXIS_HEIGHT) : undefined)],
    },
  }
}

function timeAxis(zone: string, { soft, line }: Colours, labelled: boolean): uPlot.Axis {
  return {
    stroke: soft,
    font: FONT,
    size: labelled ? AXIS_HEIGHT : 0,
    gap: 4,
    grid: { stroke: line, width: 1 },
    ticks: { show: labelled, stroke: line, size: 4 },
    splits: ({ width }, _axis, from, to) =>
      ticksOf(from * 1_000, to * 1_000, zone, Math.max(2, Math.floor((width - SCALE_WIDTH) / 78))).map(
        (at) => at / 1_000,
      ),
    values: (_chart, splits) => splits.map((seconds) => (labelled ? tickLabel(seconds * 1_000, zone) : '')),
  }
}

function scaleAxis(measure: Measure, { soft, line }: Colours): uPlot.Axis {
  return {
    stroke: soft,
    font: FONT,
    size: SCALE_WIDTH,
    gap: 6,
    space: 24,
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    values: (_chart, splits) => splits.map((value) => (value === 0 ? '0' : shownFigure(measure, value))),
  }
}

const FONT = '12px system-ui, "Segoe UI", Roboto, sans-serif'

/** The path that is left has dashes, the one that is moved to is whole. */
function lineOf(path: string, index: number, palette: Colours): uPlot.Series {
  const stroke = index === 0 ? palette.source : palette.target
  return {
    label: path,
    stroke,
    width: index === 0 ? 1.75 : 2,
    ...(index === 0 ? { dash: [5, 3] } : {}),
    spanGaps: false,
    points: {
      show: true,
      size: 4,
      width: 0,
      fill: stroke,
      filter: (chart, series) => lonely(chart.data[series] ?? []),
    },
  }
}
