import { getSession } from "@demec/chain";
import { createLightClient, type LightClient, type Proved } from "@demec/chain/light";
import { toJson } from "@demec/protocol";
import { serviceIdIn } from "@demec/sdk";
import type { Command } from "commander";
import { createPublicClient, http, isHash } from "viem";
import { parseInteger } from "../amounts.ts";
import { type Config, readConfig, serviceNameOf } from "../config.ts";
import { badOption } from "../errors.ts";
import { parseAccount, repeatable } from "../options.ts";
import { print } from "../output.ts";

interface VerifyOptions {
  readonly node: readonly string[];
  readonly quorum: string;
  readonly depth: string;
}

type Verifier = (light: LightClient, text: string, config: Config) => Promise<Proved<object>>;

const VERIFIERS: Readonly<Record<string, Verifier>> = {
  provider: (light, text) => light.provider(parseAccount("provider", text)),
  service: (light, text, config) => light.service(serviceIdIn(config.deployment, serviceNameOf(config, text))),
  async session(light, text, { rpcUrl, deployment }) {
    if (!isHash(text)) throw badOption(`"${text}" is no session id.`, { session: text });
    // Any node may tell of the opening: its parameters must hash to the session's id.
    const { params } = await getSession(createPublicClient({ transport: http(rpcUrl) }), deployment, text);
    return light.session(text, params);
  },
};

export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("prove what the chain says, believing no single node of it")
    .argument("<what>", Object.keys(VERIFIERS).join(", "))
    .argument("<id>", "account of the provider's owner, service, or session id")
    .addOption(repeatable("--node <url>", "JSON-RPC endpoint besides --rpc, run by somebody else"))
    .option("--quorum <n>", "nodes that must agree on a block", "2")
    .option("--depth <n>", "blocks that must be on top of it", "2")
    .addHelpText(
      "after",
      "\nExample:\n  demec verify provider 0x7099… --node https://rpc.two.example --node https://rpc.three.example",
    )
    .action(async (what: string, id: string, { node, quorum, depth }: VerifyOptions, command: Command) => {
      const config = readConfig(command);
      const verify = Object.hasOwn(VERIFIERS, what) ? VERIFIERS[what] : undefined;
      if (verify === undefined) {
        throw badOption(`"${what}" is none of ${Object.keys(VERIFIERS).join(", ")}.`, { what });
      }
      const light = createLightClient({
        deployment: config.deployment,
        nodes: [config.rpcUrl, ...node],
        quorum: parseInteger("--quorum", quorum, 100),
        depth: parseInteger("--depth", depth, 10_000),
      });
      const proved = await verify(light, id, config);
      print(config.json, proved, describe(proved));
    });
}

function describe({ value, block, verified, unverified, refused }: Proved<object>): string {
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
  const fields = Object.entries(value).map(([name, field]) => {
    return `${name.padEnd(18)} ${typeof field === "object" ? toJson(field) : String(field)}`;
  });
  return [
    `at block ${block.number} ${block.hash}`,
    ...fields,
    ...list("verified", verified),
    ...list("not verified", unverified),
    ...list(
      "refused",
      refused.map(({ rpc, reason }) => `${rpc}: ${reason}`),
    ),
  ].join("\n");
}
