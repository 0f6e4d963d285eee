import type { Plane } from "./geometry.ts";
import { ticks, tickText } from "./scale.ts";

/** Grid and labels of a curve's plane. */
export function Axes({ at, symbol }: { readonly at: Plane; readonly symbol: string }) {
  const { from, to, top } = at.domain;
  const { width, height, left, right, floor } = at.frame;
  const supplies = ticks(from, to, width / 140);
  const prices = ticks(0, top, 4);
  const step = (values: readonly number[]) => (values[1] ?? 1) - (values[0] ?? 0);
  return (
    <g className="axes">
      {prices.map((price) => (
        <g key={price}>
          <line x1={left} x2={width - right} y1={at.y(price)} y2={at.y(price)} />
          <text x={left - 8} y={at.y(price) + 4} textAnchor="end">
            {tickText(price, step(prices))}
          </text>
        </g>
      ))}
      {supplies.map((supply) => (
        <text key={supply} x={at.x(supply)} y={floor + 18} textAnchor="middle">
          {tickText(supply, step(supplies))}
        </text>
      ))}
      <text className="axis-name" x={left} y={14}>
        {symbol} per credit
      </text>
      <text className="axis-name" x={width - right} y={height - 8} textAnchor="end">
        credits in circulation →
      </text>
    </g>
  );
}
