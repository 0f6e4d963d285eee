import { cancelLimitOrder, claimLimitOrder, type LimitOrder, type Service } from "@demec/chain";
import { useConnection } from "wagmi";
import { type Money, useChain, useOrders } from "../../chain/queries.ts";
import { formatCredits, formatMoney } from "../../format.ts";
import { Amount, Card, Chip, Credits, Empty, Loading, Price } from "../../ui/basics.tsx";
import { TransactNote } from "../../wallet/TransactNote.tsx";
import { useTransact } from "../../wallet/useTransact.ts";

/** Credits that wait to be sold, lowest price first. */
export function OrderBook({ service, money }: { readonly service: Service; readonly money: Money }) {
  const orders = useOrders(service.serviceId);
  const { deployment } = useChain();
  const { address } = useConnection();
  const transact = useTransact();
  const cancel = ({ orderId, waiting }: LimitOrder) =>
    transact.run(async ({ wallet, step }) => {
      step(`Take back ${formatCredits(waiting)} credits from the book`);
      const { credits } = await cancelLimitOrder(wallet, deployment, { orderId });
      return `${formatCredits(credits)} credits are back in your wallet.`;
    });
  const claim = ({ orderId }: LimitOrder) =>
    transact.run(async ({ wallet, step }) => {
      step("Collect what the order has earned");
      const { proceeds } = await claimLimitOrder(wallet, deployment, { orderId });
      return `${formatMoney(proceeds, money.decimals)} ${money.symbol} wait for you in the market.`;
    });
  return (
    <Card title="Limit orders" note="Sold in this order, once the price pays what they ask.">
      {orders.isPending && <Loading chars={24} />}
      {orders.data?.length === 0 && <Empty title="No orders wait" />}
      <ul className="lines">
        {orders.data?.map((order) => (
          <li key={String(order.orderId)}>
            <span className="grow">
              <Credits value={order.waiting} /> at <Price priceWad={order.priceWad} money={money} />
            </span>
            {order.owner === address && (
              <>
                <Chip tone="info">yours</Chip>
                {order.proceeds > 0n && (
                  <button type="button" className="link" disabled={transact.isBusy} onClick={() => void claim(order)}>
                    collect <Amount value={order.proceeds} money={money} />
                  </button>
                )}
                {order.waiting > 0n && (
                  <button type="button" className="link" disabled={transact.isBusy} onClick={() => void cancel(order)}>
                    take back
                  </button>
                )}
              </>
            )}
          </li>
        ))}
      </ul>
      <TransactNote transact={transact} />
    </Card>
  );
}
