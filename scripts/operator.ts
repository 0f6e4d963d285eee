// Operators' commands against a deployed system; the key comes from Hardhat's keystore, never from a file.
//
//   node scripts/operator.ts COMMAND (--network NAME | --rpc URL) --deployment FILE [--from ADDRESS] …
//
// COMMAND is fund, stake, enrol, unstake or withdraw; without arguments their options are listed.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parseDeployment } from "@demec/chain";
import { connectTo, parseTarget } from "./connect.ts";
import { COMMANDS } from "./operator/commands.ts";
import { walletOf } from "./operator/wallet.ts";

const string = { type: "string" } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    network: string,
    rpc: string,
    deployment: string,
    from: string,
    amount: string,
    coin: string,
    service: string,
    to: string,
    token: string,
  },
});
const name = positionals[0] ?? "";
const command = COMMANDS[name];
if (command === undefined || positionals.length > 1) {
  console.error(
    "Usage: node scripts/operator.ts COMMAND (--network NAME | --rpc URL) --deployment FILE [--from ADDRESS] …",
  );
  for (const [known, { usage }] of Object.entries(COMMANDS)) console.error(`  ${known.padEnd(9)} ${usage}`);
  process.exit(2);
}
try {
  const target = parseTarget(values);
  if (values.deployment === undefined) throw new Error("--deployment FILE is missing: what scripts/deploy.ts wrote.");
  const deployment = parseDeployment(readFileSync(values.deployment, "utf8"));
  const connection = await connectTo(target);
  try {
    const done = await command.run(await walletOf(connection, values.from), deployment, values);
    console.log(`${done.did} Transaction ${done.transactionHash}.`);
  } finally {
    await connection.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
