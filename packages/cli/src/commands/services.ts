import { getService, listEnrolledProviders, listServices, priceAt, supplyOf } from "@demec/chain";
import { formatServiceName, parseServiceMetadata } from "@demec/protocol";
import type { Command } from "commander";
import { createPublicClient, http } from "viem";
import { formatCredits, formatPrice, readMoney } from "../amounts.ts";
import { readConfig } from "../config.ts";
import { print, table } from "../output.ts";

export function addServices(program: Command): void {
  program
    .command("services")
    .description("what the market offers, newest first; needs no key")
    .argument("[words...]", "only those whose name or description has all of these words")
    .addHelpText("after", "\nExample:\n  demec services resize")
    .action(async (words: string[], _options: unknown, command: Command) => {
      const { deployment, rpcUrl, json } = readConfig(command);
      const client = createPublicClient({ transport: http(rpcUrl) });
      const { chainId, accessToken } = deployment;
      const wanted = words.map((word) => word.toLowerCase());
      const found = (await listServices(client, deployment))
        .map((listed) => ({ ...listed, ...parseServiceMetadata(listed.metadata) }))
        .filter(({ name, description = "" }) => {
          const text = `${name} ${description}`.toLowerCase();
          return wanted.every((word) => text.includes(word));
        })
        .reverse();
      const services = await Promise.all(
        found.map(async ({ serviceId, name, description, shape, publisher }) => {
          const { paymentToken } = await getService(client, deployment, serviceId);
          const [money, price, supply, providers] = await Promise.all([
            readMoney(client, paymentToken),
            priceAt(client, deployment, { serviceId }),
            supplyOf(client, deployment, serviceId),
            listEnrolledProviders(client, deployment, serviceId),
          ]);
          const service = formatServiceName({ chainId, accessToken, serviceId });
          return { service, name, description, shape, publisher, paymentToken, money, price, supply, providers };
        }),
      );
      const rows = services.map(({ service, name, shape, price, money, supply, providers }) => [
        ...[service, name, shape ?? "?", formatPrice(price, money), formatCredits(supply), `${providers.length}`],
      ]);
      const head = ["service", "name", "shape", "price", "outstanding", "providers"];
      print(json, services, table(head, rows, "no service"));
    });
}
