import { join } from "node:path";
import type { ReadClient } from "@demec/chain";
import { type ConnectedDemec, connect } from "@demec/sdk/node";
import type { Command } from "commander";
import type { Account } from "viem";
import { makeClients } from "./account.ts";
import { type Config, readConfig } from "./config.ts";

export interface DemecContext {
  readonly demec: ConnectedDemec;
  readonly client: ReadClient;
  readonly account: Account;
  readonly config: Config;
}

/**
 * Connects as the buyer whose key the settings name, does the work, and leaves again.
 * @param sessions whether sessions are opened or taken up: they are kept in the data folder, by one process at a time
 */
export async function withDemec(
  command: Command,
  { sessions }: { readonly sessions: boolean },
  work: (context: DemecContext) => Promise<void>,
): Promise<void> {
  const config = readConfig(command);
  const { client, account } = await makeClients(config);
  const { rpcUrl, deployment, network } = config;
  const dataDir = sessions ? join(config.dataDir, "buyer", account.address) : undefined;
  const demec = await connect({ account, rpcUrl, deployment, network, dataDir });
  try {
    await work({ demec, client, account, config });
  } finally {
    await demec.close();
  }
}
