import type { PublishedSchema } from "@demec/sdk";
import { connect } from "@demec/sdk/node";
import type { Command } from "commander";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { readConfig, serviceNameOf } from "../config.ts";
import { print } from "../output.ts";

export function addTypes(program: Command): void {
  program
    .command("types")
    .description(
      "print a typed client of a service, in TypeScript, from the schemas that its publisher ships; needs no key",
    )
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .addHelpText("after", "\nExample:\n  demec types resize > resize.ts")
    .action(async (text: string, _options: unknown, command: Command) => {
      const config = readConfig(command);
      const { rpcUrl, deployment, network, json } = config;
      // Nothing is signed.
      const account = privateKeyToAccount(generatePrivateKey());
      const demec = await connect({ account, rpcUrl, deployment, network });
      try {
        const service = await demec.service(serviceNameOf(config, text));
        const schema = await service.schema();
        print(json, { service: service.name, schema }, typedClient(service.name, schema));
      } finally {
        await demec.close();
      }
    });
}

/** A module whose types TypeScript infers from the schemas in it. @param service CAIP-19 id */
export function typedClient(service: string, schema: PublishedSchema): string {
  // As a literal's key it would be the prototype.
  const literal = JSON.stringify(schema, null, 2).replaceAll('"__proto__":', '["__proto__"]:');
  return `// Made by \`demec types\` from the schemas that the service's publisher put beside its code. They never change.
import type { Demec, ServiceOptions } from "@demec/sdk";

export const service = ${JSON.stringify(service)};

export const schema = ${literal} as const;

/** The service's function, with its types. */
export async function open(demec: Pick<Demec, "service">, options?: ServiceOptions) {
  return (await demec.service(service, options)).typed(schema);
}`;
}
