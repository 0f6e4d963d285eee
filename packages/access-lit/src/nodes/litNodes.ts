import { questionOf, tamperedBox } from "@demec/access/backend";
import type { Deployment } from "@demec/chain";
import { type Address, DemecError, sha256 } from "@demec/protocol";
import { bytesToHex, type LocalAccount } from "viem";
import type { LitBackend } from "../backend.ts";
import type { KeyVault } from "../vault.ts";
import { VaultOpener, vaultSealer } from "../vaultSealer.ts";
import type { LitClientModule } from "./client.ts";
import { type Conditions, conditionsOf, operatorConditions } from "./conditions.ts";
import { Connection } from "./connection.ts";
import { parseKept } from "./kept.ts";

export interface LitNodesOptions {
  readonly deployment: Deployment;
  /** Lit's name of the deployment's chain, such as `amoy`: by it the nodes know where to ask. */
  readonly chain: string;
  /** JSON-RPC endpoint of the chain that has the network's staking contract. */
  readonly rpcUrl: string;
  /** The contract that lists the nodes. */
  readonly litStaking: Address;
  /** How the nodes are reached, TLS by default. */
  readonly nodeProtocol?: "http://" | "https://" | undefined;
  /** Whether nodes must prove the enclaves that they run in; true by default. */
  readonly attested?: boolean | undefined;
  /** Signs in to the nodes: the operator, where boxes are to be opened. */
  readonly account: LocalAccount;
  /** Loads `@lit-protocol/lit-node-client`, where it isn't found by that name. */
  readonly load?: (() => Promise<LitClientModule>) | undefined;
}

export interface LitNodes extends LitBackend {
  /** Leaves the network. */
  close(): Promise<void>;
}

/**
 * A network of Lit nodes of one's own: each checks conditions on chain by itself, and only as many as the network's
 * threshold together decrypt.
 */
export function litNodes(options: LitNodesOptions): LitNodes {
  const { deployment, chain } = options;
  const connection = new Connection(options);
  const readers = (owners: readonly Address[]) => operatorConditions(deployment.staking, owners, chain);
  const vault: KeyVault = {
    async seal(key, owners) {
      return JSON.stringify(await connection.encrypt(key, readers(owners)));
    },
    async open(sealed, owners, owner) {
      const kept = parseKept(sealed);
      const opened = await connection.decrypt(kept, readers(owners));
      if (opened === null) {
        const what = `Lit's nodes keep the key: ${options.account.address} is not the operator of ${owner}.`;
        throw new DemecError("access/sealed-to-others", what);
      }
      if (hashOf(opened) !== kept.dataToEncryptHash)
        throw tamperedBox(new Error("The key is another than was sealed."));
      return opened;
    },
  };
  return {
    oracle: async (condition, situation) => {
      const conditions = conditionsOf(questionOf(condition, situation, deployment), chain);
      return typeof conditions === "boolean" ? conditions : holds(connection, conditions);
    },
    sealer: vaultSealer(vault),
    opener: (owner) => new VaultOpener(vault, owner),
    close: () => connection.close(),
  };
}

/** Nodes tell whether conditions hold by decrypting, or not, what is encrypted under them. */
async function holds(connection: Connection, conditions: Conditions): Promise<boolean> {
  const probe = crypto.getRandomValues(new Uint8Array(32));
  const opened = await connection.decrypt(await connection.encrypt(probe, conditions), conditions);
  return opened !== null && hashOf(opened) === hashOf(probe);
}

const hashOf = (bytes: Uint8Array) => bytesToHex(sha256(bytes)).slice(2);
