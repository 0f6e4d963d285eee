import { getService, priceAt as priceNow, quoteBuy, quoteSell, supplyOf } from "@demec/chain";
import { priceAt } from "@demec/protocol";
import { serviceIdIn } from "@demec/sdk";
import asciichart from "asciichart";
import type { Command } from "commander";
import { createPublicClient, formatUnits, http } from "viem";
import { formatCredits, formatMoney, formatPrice, type Money, parseCredits, readMoney } from "../amounts.ts";
import { readConfig, serviceNameOf } from "../config.ts";
import { print } from "../output.ts";

/** Columns of the picture. */
const COLUMNS = 64;

export function addQuote(program: Command): void {
  program
    .command("quote")
    .description("what credits cost and yield now; needs no key")
    .argument("<service>", "CAIP-19 id of the service, its number, or its short name")
    .argument("[credits]", "how many", "1")
    .option("--plot", "draw the service's price by credits outstanding", false)
    .addHelpText("after", "\nExample:\n  demec quote resize 100 --plot")
    .action(async (text: string, creditsText: string, { plot }: { plot: boolean }, command: Command) => {
      const config = readConfig(command);
      const { deployment, rpcUrl, json } = config;
      const credits = parseCredits(creditsText);
      const client = createPublicClient({ transport: http(rpcUrl) });
      const service = serviceNameOf(config, text);
      const serviceId = serviceIdIn(deployment, service);
      const { curve, paymentToken } = await getService(client, deployment, serviceId);
      const [money, supply, price, buy] = await Promise.all([
        readMoney(client, paymentToken),
        supplyOf(client, deployment, serviceId),
        priceNow(client, deployment, { serviceId }),
        quoteBuy(client, deployment, { serviceId, credits }),
      ]);
      // Nobody holds more than is outstanding.
      const proceeds = credits <= supply ? await quoteSell(client, deployment, { serviceId, credits }) : null;
      const priceAfter = priceAt(curve, supply + credits);
      const lines = [
        `buy   ${formatCredits(credits)} credits for ${formatMoney(buy.cost, money)}; price ${formatPrice(price, money)} → ${formatPrice(priceAfter, money)}`,
        proceeds === null
          ? `sell  only ${formatCredits(supply)} credits are outstanding`
          : `sell  ${formatCredits(credits)} credits for ${formatMoney(proceeds, money)}`,
        ...(plot ? ["", plotCurve(curve, supply, money)] : []),
      ];
      print(json, { service, credits, ...buy, proceeds, price, priceAfter, supply }, lines.join("\n"));
    });
}

/** Price by credits outstanding, up to where the curve becomes flat, with a mark at what is outstanding now. */
function plotCurve(curve: Parameters<typeof priceAt>[0], supply: bigint, { decimals, symbol }: Money): string {
  const end = supply > curve.x3 ? supply : curve.x3;
  const at = (column: number) => (end * BigInt(column)) / BigInt(COLUMNS - 1);
  const prices = Array.from({ length: COLUMNS }, (_, column) =>
    Number(formatUnits(priceAt(curve, at(column)), decimals + 18)),
  );
  const chart = asciichart.plot(prices, { height: 12, format: (price) => price.toPrecision(3).padStart(10) });
  const now = Number((supply * BigInt(COLUMNS - 1)) / end);
  const last = `${formatCredits(end)} credits`;
  return [
    `${symbol} a credit`.padStart(14),
    chart,
    `${" ".repeat(11 + now)}▲ ${formatCredits(supply)} outstanding`,
    `${" ".repeat(11)}0${last.padStart(COLUMNS - 1)}`,
  ].join("\n");
}
