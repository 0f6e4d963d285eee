import { join } from "node:path";
import { assertChain, type Deployment } from "@demec/chain";
import { Node, type NodeOptions, nodeSeed } from "@demec/network";
import type { Hex } from "@demec/protocol";
import { type Account, createPublicClient, createWalletClient, http } from "viem";
import { serveTower } from "../watchtower/towerDesk.ts";
import {
  DEFAULT_WATCHTOWER_POLICY,
  Watchtower,
  type WatchtowerEvent,
  type WatchtowerPolicy,
} from "../watchtower/watchtower.ts";
import { LevelWardStore } from "./levelWardStore.ts";

export interface StartWatchtowerOptions {
  /** Pays the gas of what is brought to the chain. */
  readonly account: Account;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Wards and node key are kept here; one process at a time. */
  readonly dataDir: string;
  readonly network?: NodeOptions;
  readonly policy?: Partial<WatchtowerPolicy>;
  readonly onEvent: (event: WatchtowerEvent) => void;
}

export interface RunningWatchtower {
  /** What buyers name it by. */
  readonly nodeKey: Hex;
  /** Sessions that are held. */
  readonly size: number;
  close(): Promise<void>;
}

/**
 * A watchtower in this process: reached through the DHT by its node key, its wards on disk.
 * @throws session/journal-locked, session/journal-failed, network/bad-node-seed, network/unreachable, chain/wrong-chain
 */
export async function startWatchtower(options: StartWatchtowerOptions): Promise<RunningWatchtower> {
  const { account, rpcUrl, deployment, dataDir, network, policy, onEvent } = options;
  const transport = http(rpcUrl);
  const client = createPublicClient({ transport });
  await assertChain(client, deployment);
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const store = await LevelWardStore.open(join(dataDir, "wards"));
    closers.push(() => store.close());
    const node = await Node.create({ ...network, seed: await nodeSeed(dataDir) });
    closers.push(() => node.close());
    const tower = await Watchtower.start({
      ...{ client, wallet: createWalletClient({ transport, account }), deployment, store, onEvent },
      policy: { ...DEFAULT_WATCHTOWER_POLICY, ...policy },
    });
    closers.push(() => tower.stop());
    const trouble = (error: unknown) => onEvent({ type: "trouble", sessionId: null, error });
    await node.listen({ onConnection: (connection) => serveTower(connection, tower, trouble), onFailure: () => {} });
    return {
      nodeKey: node.publicKey,
      get size() {
        return tower.size;
      },
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}
