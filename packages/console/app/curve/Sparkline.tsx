import type { CurvePoints } from "@demec/protocol";
import { drawn, toNumber } from "./scale.ts";

const SIZE = { width: 96, height: 32, pad: 4 };

/** A curve in a list: its shape, and how far along it the supply is. */
export function Sparkline(props: { curve: CurvePoints; priceWad: bigint; supply: bigint; decimals: number }) {
  const { x, y } = drawn(props.curve, props.decimals);
  const across = (supply: number) => SIZE.pad + (Math.min(supply, x[3]) / x[3]) * (SIZE.width - 2 * SIZE.pad);
  const up = (price: number) => SIZE.height - SIZE.pad - (price / y[3]) * (SIZE.height - 2 * SIZE.pad);
  const point = (i: 0 | 1 | 2 | 3) => `${across(x[i])} ${up(y[i])}`;
  return (
    <svg
      className="sparkline"
      viewBox={`0 0 ${SIZE.width} ${SIZE.height}`}
      width={SIZE.width}
      height={SIZE.height}
      aria-hidden="true"
    >
      <path d={`M${point(0)}C${point(1)} ${point(2)} ${point(3)}`} />
      <circle cx={across(toNumber(props.supply, 18))} cy={up(toNumber(props.priceWad, props.decimals + 18))} r="3" />
    </svg>
  );
}
