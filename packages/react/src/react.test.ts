// The hooks in a tree that React renders, on a real wagmi configuration, chain and provider.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { isDemecError } from "@demec/protocol";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { expectTypeOf } from "expect-type";
import { Window } from "happy-dom";
import { createElement, type ReactNode, StrictMode } from "react";
import { defineChain } from "viem";
import { type Config, createConfig, http, mock, WagmiProvider } from "wagmi";
import { connect, disconnect } from "wagmi/actions";
import { compileShout } from "../../../test/support/functions.ts";
import { CREDIT, LocalMarket, USD } from "../../../test/support/localMarket.ts";
import { DemecProvider, type DemecProviderProps, useCredits, useInvoke, useService } from "./index.ts";

const WAIT = { timeout: 30_000 };

let market: LocalMarket;
let service: string;
let config: Config;
let queries: QueryClient;
let network: DemecProviderProps["network"];
let react: typeof import("@testing-library/react");

before(async () => {
  // What React looks for in a page; Node's own fetch stays, which is under no page's rules.
  const window = new Window();
  Object.assign(globalThis, { window, document: window.document, IS_REACT_ACT_ENVIRONMENT: true });
  react = await import("@testing-library/react");
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  service = await market.publish(shout);
  await market.startProvider({ services: [service] });
  const buyer = await market.account({ usd: 10n * USD });
  ({ network } = (await market.connect(buyer)).options);
  const { rpcUrl, deployment } = market.network;
  const chain = defineChain({
    id: deployment.chainId,
    name: "local",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  // wagmi's wallet for tests: it passes everything on to the node, which holds the account's key.
  config = createConfig({
    chains: [chain],
    connectors: [mock({ accounts: [buyer.address] })],
    transports: { [chain.id]: http(rpcUrl) },
    pollingInterval: 100,
    multiInjectedProviderDiscovery: false,
  });
  queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
});
afterEach(() => {
  react.cleanup();
  queries.clear();
});
after(async () => {
  await market?.stop();
});

const wrapper =
  (props: Partial<DemecProviderProps>) =>
  ({ children }: { children: ReactNode }) =>
    createElement(
      StrictMode,
      null,
      createElement(
        WagmiProvider,
        { config, reconnectOnMount: false },
        createElement(
          QueryClientProvider,
          { client: queries },
          createElement(DemecProvider, { deployment: market.deployment, ...props }, children),
        ),
      ),
    );

const SCHEMA = { input: { type: "array", items: { enum: ["a", "b"] } }, output: { type: "array" } } as const;

const useAll = () => ({
  service: useService(service, { budget: USD }),
  credits: useCredits(service, { budget: USD }),
  invoke: useInvoke(service, { budget: USD }),
  typed: useInvoke(service, { budget: USD, schema: SCHEMA }),
});

test("nothing is there without a wallet; with one, what is bought shows, a call is paid, and the rest is sold", async () => {
  const { result } = react.renderHook(useAll, { wrapper: wrapper({ network }) });
  const status: string = result.current.service.status;
  assert.equal(status, "pending");
  await react.act(() =>
    assert.rejects(result.current.invoke.mutateAsync({ input: "x" }), (error) => isDemecError(error, "sdk/no-wallet")),
  );

  await react.act(() => connect(config, { connector: config.connectors[0]! }));
  await react.waitFor(() => assert.equal(result.current.credits.balance.data?.credits, 0n), WAIT);
  const { price } = result.current.credits.balance.data!;
  assert.ok(price > 0n);

  await react.act(() => result.current.credits.buy.mutateAsync({ credits: 3n * CREDIT, maxCost: USD }));
  await react.waitFor(() => assert.equal(result.current.credits.balance.data?.credits, 3n * CREDIT), WAIT);
  assert.ok(result.current.credits.balance.data!.price >= price);

  const called = await react.act(() => result.current.invoke.mutateAsync({ input: "hello from react" }));
  assert.equal(new TextDecoder().decode(called.output), "HELLO FROM REACT");
  // One credit went into the session.
  await react.waitFor(() => assert.equal(result.current.credits.balance.data?.credits, 2n * CREDIT), WAIT);

  const typed = await react.act(() => result.current.typed.mutateAsync({ input: ["a", "b"] }));
  expectTypeOf(typed.value).toEqualTypeOf<unknown[] | undefined>();
  assert.deepEqual(typed.value, ["A", "B"]);
  await react.act(() =>
    // @ts-expect-error: there is no c
    assert.rejects(result.current.typed.mutateAsync({ input: ["c"] }), (error) =>
      isDemecError(error, "sdk/input-mismatch"),
    ),
  );

  const [settled] = await result.current.service.data!.close();
  assert.ok(settled);
  const credits = await result.current.service.data!.credits();
  await react.act(() => result.current.credits.sell.mutateAsync({ credits }));
  await react.waitFor(() => assert.equal(result.current.credits.balance.data?.credits, 0n), WAIT);

  await react.act(() => disconnect(config));
  await react.waitFor(() => assert.equal(result.current.service.data, undefined), WAIT);
});

test("a page without a network trades, and is told why it can't call", async () => {
  const { result } = react.renderHook(useAll, { wrapper: wrapper({}) });
  await react.act(() => connect(config, { connector: config.connectors[0]! }));
  await react.waitFor(() => assert.equal(result.current.credits.balance.data?.credits, 0n), WAIT);
  await react.act(() => result.current.credits.buy.mutateAsync({ credits: CREDIT, maxCost: USD }));
  await react.act(() =>
    assert.rejects(result.current.invoke.mutateAsync({ input: "x" }), (error) => isDemecError(error, "sdk/no-network")),
  );
});
