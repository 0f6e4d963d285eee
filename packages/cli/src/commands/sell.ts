import type { Command } from "commander";
import { formatCredits, formatMoney, formatPrice, parseAmount, parseCredits, readMoney } from "../amounts.ts";
import { print, step } from "../output.ts";
import { withDemec } from "../withDemec.ts";

export function addSell(program: Command): void {
  program
    .command("sell")
    .description("sell access tokens of a service back along its curve")
    .argument("<service>", "CAIP-19 id of the service")
    .argument("<credits>", "how many, or 'all'")
    .option("--min-proceeds <amount>", "least to get, in payment tokens (default: what the curve yields now)")
    .addHelpText("after", "\nExample:\n  demec sell eip155:31337/erc1155:0x5FbD…/1 all")
    .action(async (name: string, creditsText: string, { minProceeds }: { minProceeds?: string }, command: Command) => {
      const asked = creditsText === "all" ? null : parseCredits(creditsText);
      await withDemec(command, { sessions: false }, async ({ demec, client, config }) => {
        const service = await demec.service(name);
        const money = await readMoney(client, service.terms.paymentToken);
        const credits = asked ?? (await service.credits());
        const least =
          minProceeds === undefined ? undefined : parseAmount("--min-proceeds", minProceeds, money.decimals);
        const sale = await step("selling", () => service.sell(credits, least));
        const price = await service.price();
        print(
          config.json,
          { service: service.name, ...sale, priceAfter: price },
          `sold ${formatCredits(credits)} credits for ${formatMoney(sale.proceeds, money)}; price now ${formatPrice(price, money)}`,
        );
      });
    });
}
