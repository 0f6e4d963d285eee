// Both Lit backends do what the default ones do: the same suites, over a real chain.
import { describe } from "node:test";
import { nodeKeyOf } from "@demec/access";
import { type SealerStage, testGate, testSealer } from "@demec/access/testing";
import type { LitBackend } from "@demec/access-lit";
import { startGates } from "../access/stage.ts";
import { startChain, startProvider, type TestChain } from "../support/market.ts";
import { type LitStage, startApi, startNodes } from "./backends.ts";
import { skipLit } from "./litPackage.ts";

type StartLit = (market: TestChain) => Promise<LitStage>;

const gates = (start: StartLit) => () =>
  startGates(async ({ market }) => {
    const { backend, stop } = await start(market);
    return { oracle: backend(1).oracle, stop };
  });

/** Three providers on chain, of each of which the operator acts with a backend of its own. */
const sealers = (start: StartLit) => async (): Promise<SealerStage> => {
  const market = await startChain();
  const lit = await start(market);
  const provider = async (operator: number) => {
    const owner = await market.account();
    await startProvider(market, owner, operator, []);
    const backend: LitBackend = lit.backend(operator);
    const { address } = owner.account;
    const nodeKey = nodeKeyOf(new Uint8Array(32).fill(operator));
    return { reader: { owner: address, nodeKey }, opener: backend.opener(address) };
  };
  const providers = [await provider(1), await provider(2), await provider(3)] as const;
  const stop = async () => {
    await lit.stop();
    await market.connection.close();
  };
  return { sealer: lit.backend(9).sealer, providers, stop };
};

describe("Lit nodes", { skip: skipLit }, () => {
  testGate("Lit nodes", gates(startNodes));
  testSealer("Lit nodes", sealers(startNodes));
});

testGate("Lit's REST API", gates(startApi));
testSealer("Lit's REST API", sealers(startApi));
