import { areaAt, type CurvePoints, priceAt } from "@demec/protocol";
import type { Money } from "../../chain/queries.ts";
import { formatAmount, formatCredits, formatPrice } from "../../format.ts";

/** Parts of the curve at which it is looked at. */
const PARTS = [0n, 10n, 25n, 50n, 75n, 100n];

/** What a curve means at some places: the price there, and what all credits up to there have cost. */
export function CurveTable({ curve, money }: { readonly curve: CurvePoints; readonly money: Money }) {
  return (
    <div className="table-scroll">
      <table>
        <caption className="hidden">Prices along the curve</caption>
        <thead>
          <tr>
            <th scope="col">Credits in circulation</th>
            <th scope="col">Price of the next, {money.symbol}</th>
            <th scope="col">All of them, {money.symbol}</th>
          </tr>
        </thead>
        <tbody>
          {PARTS.map((part) => {
            const supply = (curve.x3 * part) / 100n;
            return (
              <tr key={String(part)}>
                <td>{formatCredits(supply)}</td>
                <td>{formatPrice(priceAt(curve, supply), money.decimals)}</td>
                <td>{formatAmount(areaAt(curve, supply), money.decimals, 2, 2)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
