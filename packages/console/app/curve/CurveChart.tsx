import { type CurvePoints, priceAt } from "@demec/protocol";
import { useId, useState } from "react";
import type { Money } from "../chain/queries.ts";
import { formatCredits, formatPrice } from "../format.ts";
import { Segments } from "../ui/basics.tsx";
import { Axes } from "./Axes.tsx";
import { movedBy, nearDomain, type TypedTrade, wholeDomain } from "./domain.ts";
import { areaPath, curvePath, plane } from "./geometry.ts";
import { drawn, toNumber } from "./scale.ts";
import { useFrame } from "./useFrame.ts";

export interface CurveChartProps {
  readonly curve: CurvePoints;
  readonly money: Money;
  /** Credits outstanding; 18 decimals. */
  readonly supply: bigint;
  /** Of these, the visitor's. */
  readonly owned: bigint;
  readonly trade: TypedTrade | null;
}

type Zoom = "near" | "whole";

/** Room that the price at the present supply takes; user units. */
const LABEL_WIDTH = 150;

/** A service's price curve, where its supply stands, and what a trade would cost as the area that it covers. */
export function CurveChart({ curve, money, supply, owned, trade }: CurveChartProps) {
  const shape = drawn(curve, money.decimals);
  const now = toNumber(supply, 18);
  const moved = trade === null ? 0 : movedBy(trade, supply);
  // Where supply is small beside the curve, areas would be too thin to see.
  const [chosen, choose] = useState<Zoom | null>(null);
  const zoom = chosen ?? (now + Math.abs(moved) < shape.x[3] / 8 ? "near" : "whole");
  const frame = useFrame();
  const at = plane(
    zoom === "near"
      ? nearDomain(curve, money.decimals, now, moved, toNumber(owned, 18))
      : wholeDomain(shape, now + Math.max(moved, 0)),
    frame,
  );
  const clip = useId();
  const [low, high] = moved >= 0 ? [now, now + moved] : [now + moved, now];
  const price = priceAt(curve, supply);
  const y = at.y(toNumber(price, money.decimals + 18));
  const mine = Math.max(0, now - toNumber(owned, 18));
  const after = trade === null || trade.credits === 0n ? null : now + moved;
  const nowX = at.x(now);
  // The curve rises, so that to the left and above there is room, where the drawing is wide enough.
  const isLabelLeft = nowX - frame.left > LABEL_WIDTH;

  return (
    <figure className="curve">
      <svg viewBox={`0 0 ${frame.width} ${frame.height}`} role="img" aria-labelledby={`${clip}-title`}>
        <title id={`${clip}-title`}>
          {`Price against credits in circulation. ${formatCredits(supply)} credits are in circulation; the price there is ${formatPrice(price, money.decimals)} ${money.symbol} per credit.`}
        </title>
        <defs>
          <clipPath id={`${clip}-plot`}>
            <rect x={frame.left} y={0} width={frame.width - frame.left - frame.right} height={frame.floor} />
          </clipPath>
          <clipPath id={`${clip}-trade`}>
            <rect x={at.x(low)} y={0} width={Math.max(0, at.x(high) - at.x(low))} height={frame.floor} />
          </clipPath>
          <clipPath id={`${clip}-mine`}>
            <rect x={at.x(mine)} y={0} width={Math.max(0, nowX - at.x(mine))} height={frame.floor} />
          </clipPath>
          <pattern
            id={`${clip}-hatch`}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <line x1="0" x2="0" y1="0" y2="6" className="hatch" />
          </pattern>
        </defs>
        <Axes at={at} symbol={money.symbol} />
        <g clipPath={`url(#${clip}-plot)`}>
          {owned > 0n && <path d={areaPath(shape, at)} clipPath={`url(#${clip}-mine)`} fill={`url(#${clip}-hatch)`} />}
          {moved !== 0 && (
            <path className={`area ${trade?.kind}`} d={areaPath(shape, at)} clipPath={`url(#${clip}-trade)`} />
          )}
          <path className="line" d={curvePath(shape, at)} />
          {after !== null && (
            <line
              className={`after ${trade?.kind}`}
              x1={at.x(after)}
              x2={at.x(after)}
              y1={frame.top}
              y2={frame.floor}
            />
          )}
          <line className="now" x1={nowX} x2={nowX} y1={y} y2={frame.floor} />
        </g>
        <circle className="now" cx={nowX} cy={y} r="5.5" />
        <text
          className="now"
          x={nowX + (isLabelLeft ? -12 : 4)}
          y={Math.max(y - (isLabelLeft ? 10 : 26), frame.top + 10)}
          textAnchor={isLabelLeft ? "end" : "start"}
        >
          now {formatPrice(price, money.decimals)} {money.symbol}
        </text>
      </svg>
      <figcaption>
        <span className="key line">price</span>
        {owned > 0n && <span className="key mine">your credits</span>}
        {moved !== 0 && (
          <span className={`key ${trade?.kind}`}>{trade?.kind === "buy" ? "what you pay" : "what you get"}</span>
        )}
        <Segments<Zoom>
          label="Part of the curve that is shown"
          options={[
            ["near", "Around now"],
            ["whole", "Whole curve"],
          ]}
          value={zoom}
          onChange={choose}
        />
      </figcaption>
    </figure>
  );
}
