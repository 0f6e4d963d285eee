import type { CurvePoints } from "@demec/protocol";
import { type KeyboardEvent, type PointerEvent, useId, useRef, useState } from "react";
import { parseUnits } from "viem";
import type { Money } from "../chain/queries.ts";
import { formatCredits, formatPrice } from "../format.ts";
import { Axes } from "./Axes.tsx";
import { areaPath, curvePath, type Domain, plane } from "./geometry.ts";
import { drawn } from "./scale.ts";
import { useFrame } from "./useFrame.ts";

type Index = 0 | 1 | 2 | 3;
const NAMES = ["Price of the first credit", "First bend", "Second bend", "End of the curve"] as const;
/** An arrow key's step, of what is shown; ten times as much with Shift. */
const STEPS = 200;
const ARROWS: Readonly<Record<string, readonly [supply: number, price: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowDown: [0, -1],
  ArrowUp: [0, 1],
};

export interface CurveEditorProps {
  readonly curve: CurvePoints;
  readonly money: Money;
  readonly onChange: (curve: CurvePoints) => void;
}

/** A price curve whose four points can be dragged, or moved with the arrow keys. It is always one that the market takes. */
export function CurveEditor({ curve, money, onChange }: CurveEditorProps) {
  const frame = useFrame();
  const svg = useRef<SVGSVGElement>(null);
  const hint = useId();
  // While a point is dragged the plane stands still, or it would run away from the pointer.
  const [dragged, setDragged] = useState<{ readonly index: Index; readonly domain: Domain } | null>(null);
  const shape = drawn(curve, money.decimals);
  const at = plane(dragged?.domain ?? { from: 0, to: shape.x[3] * 1.15, top: shape.y[3] * 1.25 }, frame);

  const move = (index: Index, supply: number, price: number) =>
    onChange(moved(curve, index, toCredits(supply), toPrice(price, money.decimals)));

  const drag = (event: PointerEvent) => {
    if (dragged === null || svg.current === null) return;
    const box = svg.current.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * frame.width;
    const y = ((event.clientY - box.top) / box.height) * frame.height;
    move(dragged.index, at.supply(x), at.price(y));
  };

  const press = (event: KeyboardEvent, index: Index) => {
    const arrow = ARROWS[event.key];
    if (arrow === undefined) return;
    event.preventDefault();
    const times = event.shiftKey ? 10 : 1;
    const { to, top } = at.domain;
    move(index, shape.x[index] + (arrow[0] * times * to) / STEPS, shape.y[index] + (arrow[1] * times * top) / STEPS);
  };

  return (
    <figure className="curve editor">
      <svg
        ref={svg}
        viewBox={`0 0 ${frame.width} ${frame.height}`}
        onPointerMove={drag}
        onPointerUp={() => setDragged(null)}
        onPointerCancel={() => setDragged(null)}
      >
        <title>Price curve with four points that can be moved</title>
        <Axes at={at} symbol={money.symbol} />
        <path className="area buy" d={areaPath(shape, at)} />
        <path className="line" d={curvePath(shape, at)} />
        <path
          className="arms"
          d={`M${at.x(shape.x[0])} ${at.y(shape.y[0])}L${at.x(shape.x[1])} ${at.y(shape.y[1])}M${at.x(shape.x[2])} ${at.y(shape.y[2])}L${at.x(shape.x[3])} ${at.y(shape.y[3])}`}
        />
        {([0, 3, 1, 2] as const).map((index) => (
          <g
            key={index}
            className="handle"
            role="slider"
            tabIndex={0}
            aria-label={NAMES[index]}
            aria-describedby={hint}
            aria-valuenow={shape.y[index]}
            aria-valuemin={0}
            aria-valuetext={said(curve, index, money)}
            transform={`translate(${at.x(shape.x[index])} ${at.y(shape.y[index])})`}
            onKeyDown={(event) => press(event, index)}
            onPointerDown={(event) => {
              event.currentTarget.setPointerCapture(event.pointerId);
              event.currentTarget.focus();
              setDragged({ index, domain: at.domain });
            }}
          >
            <circle className="reach" r="20" />
            <circle className="knob" r="7.5" />
          </g>
        ))}
      </svg>
      <figcaption id={hint}>
        Drag a point, or reach it with the Tab key and move it with the arrow keys (faster with Shift).
      </figcaption>
    </figure>
  );
}

function said(curve: CurvePoints, index: Index, { decimals, symbol }: Money): string {
  const { x, y } = pointOf(curve, index);
  return `${formatPrice(y, decimals)} ${symbol} per credit at ${formatCredits(x)} credits`;
}

function pointOf(curve: CurvePoints, index: Index): { x: bigint; y: bigint } {
  const xs = [0n, curve.x1, curve.x2, curve.x3] as const;
  const ys = [curve.y0, curve.y1, curve.y2, curve.y3] as const;
  return { x: xs[index], y: ys[index] };
}

/** With a point elsewhere, as far as supplies still increase and prices don't decrease. The first stays at no supply. */
export function moved(curve: CurvePoints, index: Index, x: bigint, y: bigint): CurvePoints {
  const xs = [0n, curve.x1, curve.x2, curve.x3];
  const ys = [curve.y0, curve.y1, curve.y2, curve.y3];
  const gap = curve.x3 / 100n + 1n;
  const [left, right] = [(xs[index - 1] ?? 0n) + gap, index === 3 ? MOST : xs[index + 1]! - gap];
  const [low, high] = [ys[index - 1] ?? 0n, index === 3 ? y : ys[index + 1]!];
  if (index > 0) xs[index] = clamp(x, left, right);
  ys[index] = clamp(y, low, high);
  return { x1: xs[1]!, x2: xs[2]!, x3: xs[3]!, y0: ys[0]!, y1: ys[1]!, y2: ys[2]!, y3: ys[3]! > 0n ? ys[3]! : 1n };
}

/** Largest supply that a point may have, credits: the market's own is a little above. */
const MOST = 70_000_000_000n * 10n ** 18n;

const clamp = (value: bigint, low: bigint, high: bigint): bigint => (value < low ? low : value > high ? high : value);

/** Of four significant digits: nobody wants a price of 0.013847291. */
const rounded = (value: number): number => (value <= 0 ? 0 : Number(value.toPrecision(4)));
const toCredits = (supply: number): bigint => parseUnits(rounded(supply).toFixed(6), 18);
const toPrice = (price: number, decimals: number): bigint => parseUnits(rounded(price).toFixed(12), decimals + 18);
