// Both Lit backends against the test's chain: a network of nodes and the REST API, on loopback.
import { type LitBackend, litActionCode, litApi, litNodes } from "@demec/access-lit";
import { privateKeyToAccount } from "viem/accounts";
import { type TestChain, testKey } from "../support/market.ts";
import { API_KEY, PKP_ID, startLitApi } from "./litApiServer.ts";
import { CHAIN_NAME, startLitNetwork } from "./litNetwork.ts";
import { loadLit } from "./litPackage.ts";
import { serveChain } from "./serveChain.ts";

/** Lit beside a chain, for as many of its users as a test has. */
export interface LitStage {
  /** @param operator number of the key that acts */
  readonly backend: (operator: number) => LitBackend;
  readonly stop: () => Promise<void>;
}

/** @param lying how many of the three nodes sign whatever they are asked to */
export async function startNodes(market: TestChain, lying = 0, load = loadLit) {
  const [chain, network] = await Promise.all([serveChain(market), startLitNetwork(market, lying)]);
  const closers: (() => Promise<void>)[] = [network.stop, chain.stop];
  const backend = (operator: number) => {
    const lit = litNodes({
      ...{ deployment: market.deployment, chain: CHAIN_NAME, rpcUrl: chain.url, litStaking: network.staking },
      ...{ nodeProtocol: "http://", attested: false, load },
      account: privateKeyToAccount(testKey(operator)),
    });
    closers.unshift(() => lit.close());
    return lit;
  };
  const stop = async () => {
    for (const close of closers) await close();
  };
  return { backend, chain, network, stop };
}

export async function startApi(market: TestChain) {
  const { deployment } = market;
  const chain = await serveChain(market);
  const api = await startLitApi([litActionCode({ rpcUrl: chain.url, deployment })]);
  const options = { url: api.url, apiKey: API_KEY, pkpId: PKP_ID, rpcUrl: chain.url, deployment };
  const backend = (operator: number) => litApi({ ...options, account: privateKeyToAccount(testKey(operator)) });
  const stop = async () => {
    await api.stop();
    await chain.stop();
  };
  return { backend, chain, api, options, stop };
}
