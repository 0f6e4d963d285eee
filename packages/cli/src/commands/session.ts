import { creditsOf, getSession, listServices, listUnsettledSessions, type SettlementProgress } from "@demec/chain";
import { formatServiceName } from "@demec/protocol";
import type { Command } from "commander";
import { makeClients } from "../account.ts";
import { formatCredits, formatMoney, type Money, parseAmount, readMoney } from "../amounts.ts";
import { readConfig, serviceNameOf } from "../config.ts";
import { badOption } from "../errors.ts";
import { print, step, table } from "../output.ts";
import { type DemecContext, withDemec } from "../withDemec.ts";

interface CloseCommandOptions {
  readonly sellBack: boolean;
  readonly minPrice?: string;
}

export function addSession(program: Command): void {
  const session = program.command("session").description("what is bought and not settled yet");
  session
    .command("list")
    .description("sessions of this account that are open or closing")
    .action(async (_options: unknown, command: Command) => {
      const config = readConfig(command);
      const { deployment, json } = config;
      const { client, account } = await makeClients(config);
      const { chainId, accessToken } = deployment;
      const openings = await listUnsettledSessions(client, deployment, { buyer: account.address });
      const sessions = await Promise.all(
        openings.map(async ({ sessionId, params: { serviceId, provider, credits } }) => {
          const { status, deadline } = await getSession(client, deployment, sessionId);
          const service = formatServiceName({ chainId, accessToken, serviceId });
          return { sessionId, service, provider, credits, status, deadline };
        }),
      );
      const rows = sessions.map(({ sessionId, service, provider, credits, status }) => [
        ...[sessionId, service, provider, formatCredits(credits), status],
      ]);
      const head = ["session", "service", "provider", "credits", "status"];
      print(json, sessions, table(head, rows, "no session is open"));
    });
  session
    .command("close")
    .description("settle the sessions whose keys are here: what was not used comes back")
    .argument("[service]", "of this service only (default: of all)")
    .option("--sell-back", "sell the credits that are left, too, and withdraw the money", false)
    .option("--min-price <amount>", "with --sell-back: least for every credit, in payment tokens; others are kept")
    .addHelpText(
      "after",
      `
Where the provider does not answer, this side closes alone; run it again once the time to answer is over.

Examples:
  demec session close
  demec session close resize --sell-back --min-price 0.02`,
    )
    .action(async (text: string | undefined, options: CloseCommandOptions, command: Command) => {
      if (options.minPrice !== undefined && !options.sellBack) {
        throw badOption("--min-price is for a sale: say --sell-back, too.", { ...options });
      }
      await withDemec(command, { sessions: true }, async (context) => {
        const { demec, client, config } = context;
        const { json } = config;
        const names = text === undefined ? await servicesHeld(context, options) : [serviceNameOf(config, text)];
        const progress: SettlementProgress[] = [];
        const sales: object[] = [];
        for (const name of names) {
          const service = await demec.service(name);
          if (!options.sellBack) {
            progress.push(...(await step(`settling ${name}`, () => service.close())));
            continue;
          }
          const money = await readMoney(client, service.terms.paymentToken);
          const sellBack = { minPriceWad: parseMinPrice(options.minPrice, money) };
          const { sessions, sale, withdrawn } = await step(`leaving ${name}`, () => service.close({ sellBack }));
          progress.push(...sessions);
          sales.push({ service: name, sale, withdrawn });
          const left = formatCredits(await service.credits());
          if (!json) {
            const sold = formatCredits(sale?.credits ?? 0n);
            console.log(`${name}: sold ${sold} credits, kept ${left}, withdrew ${formatMoney(withdrawn, money)}`);
          }
        }
        const settled = progress.filter(({ type }) => type === "settled").length;
        const closing = progress.length - settled;
        const result = options.sellBack ? { settlements: progress, sales } : progress;
        print(json, result, `${settled} settled${closing > 0 ? `, ${closing} closing: run this again later` : ""}`);
      });
    });
}

/** Services of which this account has sessions and, where it wants to sell, those of which it has credits. */
async function servicesHeld({ client, account, config }: DemecContext, { sellBack }: CloseCommandOptions) {
  const { deployment } = config;
  const { chainId, accessToken } = deployment;
  const openings = await listUnsettledSessions(client, deployment, { buyer: account.address });
  const ids = new Set(openings.map(({ params: { serviceId } }) => serviceId));
  if (sellBack) {
    const listed = await listServices(client, deployment);
    const held = listed.map(async ({ serviceId }) => {
      if ((await creditsOf(client, deployment, { serviceId, account: account.address })) > 0n) ids.add(serviceId);
    });
    await Promise.all(held);
  }
  return [...ids].map((serviceId) => formatServiceName({ chainId, accessToken, serviceId }));
}

function parseMinPrice(text: string | undefined, { decimals }: Money): bigint | undefined {
  return text === undefined ? undefined : parseAmount("--min-price", text, decimals + 18);
}
