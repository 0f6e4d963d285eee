// The default backends of packages/access: wallets and facts on a real chain, boxes sealed to node keys.
import { NodeKeyOpener, nodeKeyOf, nodeKeySealer } from "@demec/access";
import { testGate, testSealer } from "@demec/access/testing";
import { bytesToHex } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { startGates } from "./stage.ts";

testGate("accounts on chain", startGates);

testSealer("node keys", async () => {
  const provider = (fill: number) => {
    const seed = new Uint8Array(32).fill(fill);
    const owner = privateKeyToAddress(bytesToHex(seed));
    return { reader: { owner, nodeKey: nodeKeyOf(seed) }, opener: new NodeKeyOpener(seed) };
  };
  return { sealer: nodeKeySealer, providers: [provider(1), provider(2), provider(3)], stop: async () => {} };
});
