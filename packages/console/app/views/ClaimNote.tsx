import { withdrawClaim } from "@demec/chain";
import { type Money, useChain } from "../chain/queries.ts";
import { formatMoney } from "../format.ts";
import { Amount } from "../ui/basics.tsx";
import { TransactNote } from "../wallet/TransactNote.tsx";
import { useTransact } from "../wallet/useTransact.ts";

/** Money of the visitor's that waits in the market, and the way to it. */
export function ClaimNote({ money, claim }: { readonly money: Money; readonly claim: bigint }) {
  const { deployment } = useChain();
  const transact = useTransact();
  const withdraw = () =>
    transact.run(async ({ wallet, step }) => {
      step(`Withdraw ${formatMoney(claim, money.decimals)} ${money.symbol}`);
      const { amount } = await withdrawClaim(wallet, deployment, { token: money.token });
      return `${formatMoney(amount, money.decimals)} ${money.symbol} are in your wallet.`;
    });
  return (
    <div className="claim">
      <p>
        <Amount value={claim} money={money} /> wait for you in the market: proceeds of sales and sessions.
      </p>
      <button type="button" disabled={transact.isBusy} onClick={() => void withdraw()}>
        Withdraw to your wallet
      </button>
      <TransactNote transact={transact} />
    </div>
  );
}
