import asciichart from "asciichart";
import { scaleLinear, scaleLog } from "d3-scale";
import { line } from "d3-shape";
import type { BenchResults } from "./results.ts";

const [WIDTH, HEIGHT] = [780, 640];
const [LEFT, RIGHT, PANEL_HEIGHT] = [70, 740, 230];
const INK = "#1f2937";
const GRID = "#e5e7eb";
const BLUE = "#2563eb";
const RED = "#dc2626";

/** How far into the tail a percentile lies: 1 for 90%, 2 for 99%, 3 for 99.9%. */
const depth = (percentile: number) => -Math.log10(1 - percentile / 100);
/** Whether a number is 1, 2 or 5 times a power of ten. */
const isRound = (value: number) => "125".includes(value.toExponential()[0]!);
const text = (x: number, y: number, content: string, anchor = "middle", colour = INK) =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${content}</text>`;
const rule = (x1: number, y1: number, x2: number, y2: number, style = `stroke="${GRID}"`) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${style}/>`;
const path = (points: readonly [number, number][], colour: string) =>
  `<path d="${line()(points as [number, number][])}" fill="none" stroke="${colour}" stroke-width="2"/>`;

/** Latency by percentile, and what was achieved in each second beside what was needed, as a picture. */
export function plotSvg(results: BenchResults): string {
  const { light, full, ratePerClient, needed, achieved, service } = results;
  const title = `(${light} light + ${full} full) × ${ratePerClient} = ${needed} calls/s needed, ${achieved.toFixed(1)} achieved`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<g font-size="15">${text(WIDTH / 2, 22, title)}</g>`,
    text(WIDTH / 2, 40, escapeXml(service), "middle", "#6b7280"),
    ...percentilePanel(results, 70),
    ...timelinePanel(results, 70 + PANEL_HEIGHT + 60),
    "</svg>",
  ].join("\n");
}

function percentilePanel({ percentiles }: BenchResults, top: number): string[] {
  const bottom = top + PANEL_HEIGHT;
  const values = percentiles.map(({ ms }) => Math.max(ms, 0.001));
  const x = scaleLinear([0.3, 4], [LEFT, RIGHT]);
  const y = scaleLog([Math.min(...values), Math.max(...values) * 1.1], [bottom, top]).nice();
  return [
    ...y
      .ticks()
      .filter(isRound)
      .map((tick) => rule(LEFT, y(tick), RIGHT, y(tick)) + text(LEFT - 6, y(tick) + 4, `${tick}`, "end")),
    ...[50, 90, 99, 99.9, 99.99].map(
      (percentile) =>
        rule(x(depth(percentile)), top, x(depth(percentile)), bottom) +
        text(x(depth(percentile)), bottom + 16, `${percentile}%`),
    ),
    text(LEFT, top - 6, "latency from the time a call was due, ms", "start"),
    path(
      percentiles.map(({ percentile }, i) => [x(depth(percentile)), y(values[i]!)]),
      BLUE,
    ),
  ];
}

function timelinePanel({ timeline, needed }: BenchResults, top: number): string[] {
  const bottom = top + PANEL_HEIGHT;
  const most = Math.max(needed, ...timeline.map(({ ok }) => ok));
  const x = scaleLinear([0, Math.max(1, timeline.length - 1)], [LEFT, RIGHT]);
  const y = scaleLinear([0, most * 1.1], [bottom, top]);
  return [
    ...y.ticks(5).map((tick) => rule(LEFT, y(tick), RIGHT, y(tick)) + text(LEFT - 6, y(tick) + 4, `${tick}`, "end")),
    ...x
      .ticks(Math.min(10, timeline.length))
      .filter(Number.isInteger)
      .map((tick) => text(x(tick), bottom + 16, `${tick} s`)),
    text(LEFT, top - 6, "calls answered ok, by the second in which they were due", "start"),
    rule(LEFT, y(needed), RIGHT, y(needed), `stroke="${RED}" stroke-dasharray="6 4"`),
    text(RIGHT, y(needed) - 5, "needed", "end", RED),
    path(
      timeline.map(({ second, ok }) => [x(second), y(ok)]),
      BLUE,
    ),
  ];
}

/** Latency by percentile for a terminal. */
export function plotTerminal({ percentiles }: BenchResults): string {
  const chart = asciichart.plot(
    percentiles.map(({ ms }) => ms),
    { height: 10, format: (ms) => `${ms.toFixed(1)} ms`.padStart(12) },
  );
  // Under the columns where these percentiles lie: 3.7 decades over 60 columns.
  const axis = [50, 90, 99, 99.9, 99.99].reduce((row, percentile) => {
    return row.padEnd(13 + Math.round(((depth(percentile) - 0.3) * 60) / 3.7)) + percentile;
  }, "");
  return `${chart}\n${axis} %`;
}

function escapeXml(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
