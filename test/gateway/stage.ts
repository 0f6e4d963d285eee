// A gateway that serves functions of a real market, and payers with the official x402 client.
import { parseGatePolicy } from "@demec/access";
import { type EndpointOptions, type GatewayOptions, type RunningGateway, startGateway } from "@demec/gateway";
import { formatServiceMetadata } from "@demec/protocol";
import type { Service } from "@demec/sdk";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import { copier } from "../../packages/wasm/src/testing/streams.ts";
import { compilePrintenv, compileShout } from "../support/functions.ts";
import { LocalMarket, type TestAccount, USD } from "../support/localMarket.ts";
import { TestLog } from "../support/testLog.ts";

const MIB = 1 << 20;
const LIMITS = { bitOps: 100_000_000n, floatOps: 0n, memoryPages: 256, outputBytes: 8 * MIB };
/** A call of the test functions may cost some 0.02 credits by these limits. */
const TARIFF = { a: 10n ** 14n, b: 0n, c: 10n ** 15n, d: 0n, e: 0n, f: 0n };

export const PAYMENT = { marginBps: 1_000, minPrice: 1n, maxUnpaid: USD };
export const BUDGET = { total: USD, perSubject: USD / 2n };

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** A market with a provider of a reactor (`shout`), a command that copies (`copy`) and one that prints its environment. */
export async function startStage() {
  const market = await LocalMarket.start();
  const publish = (module: Uint8Array, name: string, shape: "command" | "reactor") =>
    market.publish(module, { tariff: TARIFF, metadata: formatServiceMetadata({ name, shape, limits: LIMITS }) });
  const names = [
    await publish(await compileShout(), "shout", "reactor"),
    await publish(copier(16_384), "copy", "command"),
    await publish(await compilePrintenv(), "printenv", "command"),
  ];
  await market.startProvider({ services: names });
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  const [shout, copy, printenv] = await Promise.all(names.map((name) => demec.service(name, { budget: 10n * USD })));
  const log = new TestLog();
  const gateways: RunningGateway[] = [];
  return {
    market,
    account,
    demec,
    log,
    shout: shout!,
    copy: copy!,
    printenv: printenv!,
    /** Its own account pays and is paid. */
    async gateway(
      endpoints: readonly EndpointOptions[],
      changes: Partial<GatewayOptions> = {},
    ): Promise<RunningGateway> {
      const dataDir = changes.dataDir ?? market.newFolder();
      const tokenSeed = new Uint8Array(32).fill(0x6a);
      const gateway = await startGateway({ demec, endpoints, dataDir, tokenSeed, logger: log, ...changes });
      gateways.push(gateway);
      return gateway;
    },
    async stop() {
      await Promise.allSettled(gateways.map((gateway) => gateway.close()));
      await Promise.allSettled([shout!, copy!, printenv!].map((service: Service) => service.close()));
      await market.stop();
    },
  };
}

/** The official x402 client, paying from an account, in the market's test money and nothing else. */
export function payingClient({ network, deployment }: LocalMarket, account: TestAccount): x402Client {
  const caip2 = `eip155:${deployment.chainId}` as const;
  const allowedAssets = [{ network: caip2, asset: network.mockUsd, maxAmountPerPayment: `${USD}` }];
  return new x402Client().register(caip2, new ExactEvmScheme(account)).setSpendControls({ allowedAssets });
}

/** `fetch` as that client has it. */
export const payingFetch = (market: LocalMarket, account: TestAccount) =>
  wrapFetchWithPayment(fetch, payingClient(market, account));

/** Lets one account in. */
export const memberGate = (account: TestAccount) =>
  parseGatePolicy({ condition: { type: "account", in: [account.address] } });
