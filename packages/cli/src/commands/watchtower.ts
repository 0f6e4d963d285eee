import { join } from "node:path";
import { type Address, isDemecError } from "@demec/protocol";
import type { WatchtowerEvent } from "@demec/sdk";
import { type Command, Option } from "commander";
import { makeClients } from "../account.ts";
import { readConfig } from "../config.ts";
import { parseAccount } from "../options.ts";
import { print } from "../output.ts";
import { untilStopped } from "../untilStopped.ts";

export function addWatchtower(program: Command): void {
  program
    .command("watchtower")
    .description("look after the sessions of buyers that are away: answers a close with an old state by the newest one")
    .addOption(
      new Option("--for <buyer>", "account whose sessions are watched; repeatable (default: anybody's)")
        .argParser((text, all: readonly Address[]) => [...all, parseAccount("--for", text)])
        .default([]),
    )
    .addHelpText(
      "after",
      `
It needs no key of the buyers. It pays its gas with the account that signs here.
Buyers name it by the node key that it prints: DEMEC_WATCHTOWERS=0x… demec invoke …

Example:
  demec watchtower --for 0x70997970C51812dc3A010C7d01b50e0d17dc79C8`,
    )
    .action(async ({ for: buyers }: { readonly for: Address[] }, command: Command) => {
      const config = readConfig(command);
      const { rpcUrl, deployment, network, dataDir, json } = config;
      const { account } = await makeClients(config);
      const { startWatchtower } = await import("@demec/sdk/node");
      const tower = await startWatchtower({
        ...{ account, rpcUrl, deployment, network },
        dataDir: join(dataDir, "watchtower", account.address),
        policy: { buyers: buyers.length === 0 ? null : buyers },
        onEvent: (event) => tell(json, event),
      });
      const { nodeKey, size } = tower;
      print(
        json,
        { nodeKey, account: account.address, sessions: size },
        `watchtower ${nodeKey} looks after ${size} session(s); Ctrl-C stops it`,
      );
      await untilStopped();
      await tower.close();
    });
}

function tell(json: boolean, event: WatchtowerEvent): void {
  switch (event.type) {
    case "held":
      print(json, event, `${event.sessionId}: holds state ${event.seq}`);
      return;
    case "closing":
      print(json, event, `${event.sessionId}: is being closed, to be finished from unix time ${event.deadline} on`);
      return;
    case "settled":
      print(json, event, `${event.sessionId}: settled at state ${event.settlement.state.seq}`);
      return;
    case "trouble": {
      const { sessionId, error } = event;
      const code = isDemecError(error) ? error.code : "unexpected";
      const message = error instanceof Error ? error.message : String(error);
      print(json, { type: "trouble", sessionId, code, message }, `${sessionId ?? "watchtower"}: ${message}`);
    }
  }
}
