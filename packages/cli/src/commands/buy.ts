import { type Command, Option } from "commander";
import { formatCredits, formatMoney, formatPrice, parseAmount, parseCredits, readMoney } from "../amounts.ts";
import { print, step } from "../output.ts";
import { withDemec } from "../withDemec.ts";

export function addBuy(program: Command): void {
  program
    .command("buy")
    .description("buy access tokens of a service along its curve")
    .argument("<service>", "CAIP-19 id: eip155:<chain>/erc1155:<access token>/<id>")
    .argument("<credits>", "how many, such as 2.5")
    .addOption(
      new Option("--max-cost <amount>", "most to pay, fees included, in payment tokens (default: 1% over the quote)"),
    )
    .addHelpText("after", "\nExample:\n  demec buy eip155:31337/erc1155:0x5FbD…/1 2.5 --max-cost 0.10")
    .action(async (name: string, creditsText: string, { maxCost }: { maxCost?: string }, command: Command) => {
      const credits = parseCredits(creditsText);
      await withDemec(command, { sessions: false }, async ({ demec, client, config }) => {
        const service = await demec.service(name);
        const money = await readMoney(client, service.terms.paymentToken);
        const quote = await service.quote(credits);
        const limit =
          maxCost === undefined ? quote + quote / 100n + 1n : parseAmount("--max-cost", maxCost, money.decimals);
        const before = await service.price();
        const purchase = await step("buying", () => service.buy(credits, limit));
        const after = await service.price();
        print(
          config.json,
          { service: service.name, ...purchase, priceBefore: before, priceAfter: after },
          `bought ${formatCredits(credits)} credits for ${formatMoney(purchase.cost, money)}; price ${formatPrice(before, money)} → ${formatPrice(after, money)}`,
        );
      });
    });
}
