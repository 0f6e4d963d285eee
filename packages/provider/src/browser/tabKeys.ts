import type { Hex } from "@demec/protocol";
import type { IndexedDbVault } from "@demec/session/browser";
import { bytesToHex, hexToBytes } from "viem";
import { generatePrivateKey } from "viem/accounts";

/** Names in place of addresses: a tab has one of each. */
const OPERATOR: Hex = "0x6f70657261746f72";
const NODE_SEED: Hex = "0x6e6f64652073656564";

export interface TabKeys {
  readonly operatorPrivateKey: Hex;
  /** Of the node key; 32 bytes. */
  readonly seed: Uint8Array;
}

/** The keys under which a tab provides, made the first time. @throws session/vault-failed */
export async function tabKeys(vault: IndexedDbVault): Promise<TabKeys> {
  return {
    operatorPrivateKey: await keptOrMade(vault, OPERATOR, generatePrivateKey),
    seed: hexToBytes(await keptOrMade(vault, NODE_SEED, () => bytesToHex(crypto.getRandomValues(new Uint8Array(32))))),
  };
}

async function keptOrMade(vault: IndexedDbVault, name: Hex, make: () => Hex): Promise<Hex> {
  const kept = await vault.load(name);
  if (kept !== null) return kept;
  const made = make();
  await vault.save(name, made);
  return made;
}
