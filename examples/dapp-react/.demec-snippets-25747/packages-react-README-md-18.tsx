import type { Deployment } from "@demec/chain";
import { DemecProvider, useCredits, useInvoke } from "@demec/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import type { ComponentProps } from "react";
import { WagmiProvider } from "wagmi";
declare const config: ComponentProps<typeof WagmiProvider>["config"];
declare const deployment: Deployment;
declare const network: ComponentProps<typeof DemecProvider>["network"];
const queries = new QueryClient();
const SERVICE = "eip155:31337/erc1155:0x0000000000000000000000000000000000000001/1";
<WagmiProvider config={config}>
  <QueryClientProvider client={queries}>
    <DemecProvider deployment={deployment} network={network}>
      <Shout />
    </DemecProvider>
  </QueryClientProvider>
</WagmiProvider>;

function Shout() {
  const { balance, buy } = useCredits(SERVICE);
  const invoke = useInvoke(SERVICE, { budget: 1_000_000n });
  return <button onClick={() => invoke.mutate({ input: "hello" })}>{`${balance.data?.credits ?? 0n} credits`}</button>;
}
export {};
