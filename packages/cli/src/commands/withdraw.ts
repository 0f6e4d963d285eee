import type { Command } from "commander";
import { formatMoney, readMoney } from "../amounts.ts";
import { print, step } from "../output.ts";
import { withDemec } from "../withDemec.ts";

export function addWithdraw(program: Command): void {
  program
    .command("withdraw")
    .description("send to the wallet what sales and settled sessions have left for it in the market")
    .argument("<service>", "CAIP-19 id of a service that is paid in the token to withdraw")
    .addHelpText("after", "\nExample:\n  demec withdraw eip155:31337/erc1155:0x5FbD…/1")
    .action(async (name: string, _options: unknown, command: Command) => {
      await withDemec(command, { sessions: false }, async ({ demec, client, config }) => {
        const service = await demec.service(name);
        const token = service.terms.paymentToken;
        const money = await readMoney(client, token);
        const amount = await step("withdrawing", () => service.withdraw());
        print(config.json, { token, amount }, `withdrew ${formatMoney(amount, money)}`);
      });
    });
}
