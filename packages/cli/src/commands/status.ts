import { claimOf, creditsOf, getProvider, getService, listServices, priceAt, supplyOf } from "@demec/chain";
import { formatServiceName, parseServiceMetadata } from "@demec/protocol";
import type { Command } from "commander";
import { erc20Abi, formatUnits } from "viem";
import { readContract } from "viem/actions";
import { makeClients } from "../account.ts";
import { formatCredits, formatMoney, formatPrice, readMoney } from "../amounts.ts";
import { readConfig } from "../config.ts";
import { print, table } from "../output.ts";

export function addStatus(program: Command): void {
  program
    .command("status")
    .description("what this account holds and provides, and what the market offers")
    .action(async (_options: object, command: Command) => {
      const config = readConfig(command);
      const { deployment } = config;
      const { client, account } = await makeClients(config);
      const services = await Promise.all(
        (await listServices(client, deployment)).map(async ({ serviceId, metadata }) => {
          const { paymentToken } = await getService(client, deployment, serviceId);
          const [money, price, supply, credits, claim, balance] = await Promise.all([
            readMoney(client, paymentToken),
            priceAt(client, deployment, { serviceId }),
            supplyOf(client, deployment, serviceId),
            creditsOf(client, deployment, { serviceId, account: account.address }),
            claimOf(client, deployment, { token: paymentToken, account: account.address }),
            readContract(client, {
              address: paymentToken,
              abi: erc20Abi,
              functionName: "balanceOf",
              args: [account.address],
            }),
          ]);
          const { chainId, accessToken } = deployment;
          const service = formatServiceName({ chainId, accessToken, serviceId });
          return {
            service,
            serviceId,
            name: parseServiceMetadata(metadata).name,
            paymentToken,
            money,
            price,
            supply,
            credits,
            claim,
            balance,
          };
        }),
      );
      const provider = await getProvider(client, deployment, account.address);

      const rows = services.map((row) => [
        ...[row.service, row.name, formatPrice(row.price, row.money)],
        ...[formatCredits(row.supply), formatCredits(row.credits)],
      ]);
      const tokens = new Map(services.map((row) => [row.paymentToken, row]));
      const lines = [
        `account ${account.address} on chain ${deployment.chainId}`,
        ...[...tokens.values()].map(
          (row) => `${formatMoney(row.balance, row.money)}, ${formatMoney(row.claim, row.money)} to withdraw`,
        ),
        provider.registered
          ? `provider: staked ${formatUnits(provider.staked, 18)} DEMEC, delegated ${formatUnits(provider.delegated, 18)}, bonded ${formatUnits(provider.bonded, 18)}, regions ${provider.regions.join(", ") || "none"}, ${provider.active ? "active" : "not active"}`
          : "not a provider",
        table(["service", "name", "price", "outstanding", "yours"], rows, "no services yet"),
      ];
      print(
        config.json,
        { account: account.address, chainId: deployment.chainId, services, provider },
        lines.join("\n"),
      );
    });
}
