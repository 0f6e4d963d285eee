import { join } from "node:path";
import type { ReadClient } from "@demec/chain";
import { type ConnectedDemec, connect } from "@demec/sdk/node";
import type { Command } from "commander";
import { type Config, makeClients, readConfig } from "./config.ts";

export interface DemecContext {
  readonly demec: ConnectedDemec;
  readonly client: ReadClient;
  readonly config: Config;
}

/** Connects as the buyer whose key is in DEMEC_PRIVATE_KEY, does the work, and leaves the network again. */
export async function withDemec(command: Command, work: (context: DemecContext) => Promise<void>): Promise<void> {
  const config = readConfig(command);
  const { client, account } = makeClients(config);
  const { rpcUrl, deployment, network, dataDir } = config;
  const demec = await connect({
    account,
    rpcUrl,
    deployment,
    network,
    dataDir: join(dataDir, "buyer", account.address),
  });
  try {
    await work({ demec, client, config });
  } finally {
    await demec.close();
  }
}
