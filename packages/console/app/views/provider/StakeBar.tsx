import type { Provider } from "@demec/chain";

/** Parts of a stake, in proportion. What it says stands in the rows below it. */
export function StakeBar({ provider: { staked, delegated, bonded } }: { readonly provider: Provider }) {
  const total = staked + delegated;
  if (total === 0n) return null;
  const share = (part: bigint) => Number((part * 10_000n) / total) / 100;
  const locked = share(bonded < total ? bonded : total);
  const own = share(staked);
  return (
    <figure className="stake-bar" aria-hidden="true">
      <div>
        <span className="own" style={{ inlineSize: `${own}%` }} />
        <span className="others" style={{ inlineSize: `${100 - own}%` }} />
      </div>
      <div>
        <span className="locked" style={{ inlineSize: `${locked}%` }} />
      </div>
      <figcaption>
        <span className="key own">own</span>
        <span className="key others">delegated</span>
        <span className="key locked">locked in bonds, {saying(locked)}&#8239;%</span>
      </figcaption>
    </figure>
  );
}

const saying = (percent: number) =>
  percent > 0 && percent < 0.01 ? "under 0.01" : String(Number(percent.toPrecision(2)));
