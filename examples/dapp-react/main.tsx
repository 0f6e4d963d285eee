// Buys credits of a service with the visitor's wallet, calls it, and sells back: the page's address names what it needs.
//   ?service=eip155:…/erc1155:…/1&deployment=<JSON of the deployment>&rpc=<JSON-RPC endpoint>&guides=<JSON of guides>
import { parseDeployment, type WriteClient } from "@demec/chain";
import { DemecProvider, useCredits, useInvoke } from "@demec/react";
import { connect } from "@demec/sdk/browser";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { defineChain, formatUnits } from "viem";
import { createConfig, http, injected, useConnect, useConnection, WagmiProvider } from "wagmi";

const ONE_CREDIT = 10n ** 18n;
const query = new URLSearchParams(location.search);
const deployment = parseDeployment(query.get("deployment")!);
const service = query.get("service")!;
const rpcUrl = query.get("rpc")!;
const chain = defineChain({
  id: deployment.chainId,
  name: "deMEC's chain",
  nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
  rpcUrls: { default: { http: [rpcUrl] } },
});
const guides = JSON.parse(query.get("guides")!);
const connectPage = (wallet: WriteClient) => connect({ wallet, rpcUrls: [rpcUrl], deployment, guides });
const wallet = injected();
const config = createConfig({ chains: [chain], connectors: [wallet], transports: { [chain.id]: http(rpcUrl) } });
const queries = new QueryClient();

function Market() {
  const { balance, buy, sell } = useCredits(service);
  const call = useInvoke(service);
  const { data } = balance;
  if (data === undefined) return <output>…</output>;
  // A credit costs little more than the price now; the market takes what it costs.
  const maxCost = (data.price * 2n) / ONE_CREDIT;
  return (
    <>
      <output>{formatUnits(data.credits, 18)} credits</output>
      <button type="button" disabled={buy.isPending} onClick={() => buy.mutate({ credits: ONE_CREDIT, maxCost })}>
        Buy
      </button>
      <button type="button" disabled={sell.isPending} onClick={() => sell.mutate({ credits: ONE_CREDIT })}>
        Sell
      </button>
      <button type="button" disabled={call.isPending} onClick={() => call.mutate({ input: "hello, edge" })}>
        Call
      </button>
      {call.data && <output>{new TextDecoder().decode(call.data.output)}</output>}
    </>
  );
}

function Page() {
  const { isConnected } = useConnection();
  const connect = useConnect();
  if (isConnected) return <Market />;
  return (
    <button type="button" onClick={() => connect.mutate({ connector: wallet })}>
      Connect
    </button>
  );
}

createRoot(document.querySelector("#app")!).render(
  <StrictMode>
    <WagmiProvider config={config}>
      <QueryClientProvider client={queries}>
        <DemecProvider deployment={deployment} connect={connectPage}>
          <Page />
        </DemecProvider>
      </QueryClientProvider>
    </WagmiProvider>
  </StrictMode>,
);
