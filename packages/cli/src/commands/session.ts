import { getSession, listUnsettledSessions, type SettlementProgress } from "@demec/chain";
import { formatServiceName } from "@demec/protocol";
import type { Command } from "commander";
import { makeClients } from "../account.ts";
import { formatCredits } from "../amounts.ts";
import { readConfig, serviceNameOf } from "../config.ts";
import { print, step, table } from "../output.ts";
import { withDemec } from "../withDemec.ts";

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
      print(json, sessions, rows.length === 0 ? "no session is open" : table(head, rows));
    });
  session
    .command("close")
    .description("settle the sessions whose keys are here: what was not used comes back")
    .argument("[service]", "of this service only (default: of all)")
    .addHelpText(
      "after",
      `
Where the provider does not answer, this side closes alone; run it again once the time to answer is over.

Example:
  demec session close`,
    )
    .action(async (text: string | undefined, _options: unknown, command: Command) => {
      await withDemec(command, { sessions: true }, async ({ demec, client, account, config }) => {
        const { deployment, json } = config;
        const { chainId, accessToken } = deployment;
        const openings = await listUnsettledSessions(client, deployment, { buyer: account.address });
        const names = new Set(
          openings.map(({ params: { serviceId } }) => formatServiceName({ chainId, accessToken, serviceId })),
        );
        const wanted = text === undefined ? [...names] : [serviceNameOf(config, text)];
        const progress: SettlementProgress[] = [];
        for (const name of wanted) {
          const service = await demec.service(name);
          progress.push(...(await step(`settling ${name}`, () => service.close())));
        }
        const settled = progress.filter(({ type }) => type === "settled").length;
        const closing = progress.length - settled;
        print(json, progress, `${settled} settled${closing > 0 ? `, ${closing} closing: run this again later` : ""}`);
      });
    });
}
