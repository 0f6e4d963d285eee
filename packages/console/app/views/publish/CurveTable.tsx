import { areaAt, type CurvePoints, priceAt } from "@demec/protocol";
import type { Money } from "../../chain/queries.ts";
import { Amount, Credits, Price } from "../../ui/basics.tsx";

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
            <th scope="col">Price of the next</th>
            <th scope="col">All of them together</th>
          </tr>
        </thead>
        <tbody>
          {PARTS.map((part) => {
            const supply = (curve.x3 * part) / 100n;
            return (
              <tr key={String(part)}>
                <td>
                  <Credits value={supply} unit={false} />
                </td>
                <td>
                  <Price priceWad={priceAt(curve, supply)} money={money} per={false} />
                </td>
                <td>
                  <Amount value={areaAt(curve, supply)} money={money} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
