import { formatGrants, type GrantParameters, grantDigest, signGrant } from "@demec/access";
import { formatServiceName } from "@demec/protocol";
import { serviceIdIn } from "@demec/sdk";
import type { Command } from "commander";
import { type Grants, keepGrants, listGrants, readGrants } from "../access/grants.ts";
import { makeClients } from "../account.ts";
import { parseInteger } from "../amounts.ts";
import { type Config, canonicalNameOf, readConfig } from "../config.ts";
import { badOption } from "../errors.ts";
import { parseAccount, parseDuration, repeatable } from "../options.ts";
import { print, step, table } from "../output.ts";
import { withDemec } from "../withDemec.ts";

interface GrantOptions {
  readonly service: string[];
  readonly provider: string[];
  readonly expires?: string;
  readonly calls?: string;
  readonly delegations: string;
}

export function addGrant(program: Command): void {
  const grant = program.command("grant").description("signed messages that let others call a gated service");

  withTerms(grant.command("issue").description("sign a grant, and print it for whom it lets in"), "30d")
    .argument("<account>", "whom it lets in")
    .addHelpText(
      "after",
      `
It counts where the gate has this account as a grantor, or lets it in and allows it to share. What is printed is no secret: it
is of use to <account> alone.

Example:
  demec grant issue 0x7099… --service my-fn --calls 100 --expires 7d > grant.json`,
    )
    .action((account: string, options: GrantOptions, command: Command) => make(account, options, undefined, command));

  withTerms(grant.command("delegate").description("sign a narrower grant below one that this account holds"))
    .argument("<grants>", "file with the grants that this account holds")
    .argument("<account>", "whom it lets in")
    .addHelpText(
      "after",
      `
What is not said is as the grant above allows; more than that is refused.

Example:
  demec grant delegate grant.json 0x3C44… --calls 10 > narrower.json`,
    )
    .action((file: string, account: string, options: GrantOptions, command: Command) => {
      const held = readGrants(readConfig(command).home, file);
      return make(account, options, held, command);
    });

  grant
    .command("list")
    .description("grants that were made here")
    .action((_options: unknown, command: Command) => {
      const { home, json, deployment } = readConfig(command);
      const all = listGrants(home).map((grants) => ({ id: grantDigest(deployment, grants.at(-1)!.grant), grants }));
      const rows = all.map(({ id, grants }) => {
        const { subject, serviceIds, expiry, maxCalls } = grants.at(-1)!.grant;
        const services = serviceIds.length === 0 ? "all" : serviceIds.join(", ");
        return [id, subject, services, maxCalls === 0 ? "any" : `${maxCalls}`, new Date(expiry * 1000).toISOString()];
      });
      const head = ["grant", "for", "services", "calls", "until"];
      print(json, all, table(head, rows, "no grants were made here"));
    });

  grant
    .command("revoke")
    .description("take a grant back, and all below it, at every provider that can be reached")
    .argument("<grant>", "its id, when it was made here, or a file with it")
    .option("--service <name>", "at the providers of this service (default: of those that it names)")
    .addHelpText("after", "\nExample:\n  demec grant revoke 0x8f3a…")
    .action(async (name: string, { service }: { readonly service?: string }, command: Command) => {
      await withDemec(command, { sessions: false }, async ({ demec, config }) => {
        const grants = readGrants(config.home, name);
        const told: { service: string; providers: readonly string[] }[] = [];
        for (const named of servicesOf(grants, service, config)) {
          const revoking = async () => (await demec.service(named)).revoke(grants);
          told.push({ service: named, providers: await step(`telling the providers of ${named}`, revoking) });
        }
        const count = new Set(told.flatMap(({ providers }) => providers)).size;
        print(config.json, told, `${count} provider(s) took it back; one that was not reached lets its holder in on`);
      });
    });
}

function withTerms(command: Command, expires?: string): Command {
  return command
    .addOption(repeatable("--service <name>", "counts for this service; repeatable (default: all)"))
    .addOption(repeatable("--provider <account>", "counts at this provider; repeatable (default: all)"))
    .option("--expires <time>", "how long it counts: 30d, 12h, 15m, 90s", expires)
    .option("--calls <n>", "calls that may be made under it, at each provider (default: any number)")
    .option("--delegations <n>", "links that may hang below it", "0");
}

/** Signs, keeps and prints a grant. @param held what it hangs below */
async function make(account: string, options: GrantOptions, held: Grants | undefined, command: Command): Promise<void> {
  const config = readConfig(command);
  const { deployment } = config;
  const { service, provider, expires, calls } = options;
  const nowSeconds = Math.floor(Date.now() / 1000);
  const above = held?.at(-1);
  const parameters: GrantParameters = {
    subject: parseAccount("Account", account),
    expiry: expires === undefined ? above!.grant.expiry : nowSeconds + parseDuration("--expires", expires),
    delegations: parseInteger("--delegations", options.delegations, 8),
    ...(service.length > 0 && {
      serviceIds: service.map((name) => serviceIdIn(deployment, canonicalNameOf(config, name))),
    }),
    ...(provider.length > 0 && { providers: provider.map((owner) => parseAccount("--provider", owner)) }),
    ...(calls !== undefined && { maxCalls: parseInteger("--calls", calls, Number.MAX_SAFE_INTEGER) }),
    under: above,
  };
  const { wallet } = await makeClients(config);
  const grants: Grants = [...(held ?? []), await signGrant(wallet, deployment, parameters)];
  const id = keepGrants(config.home, deployment, grants);
  // On stdout are the grants themselves, for people and for programs.
  console.log(formatGrants(grants));
  if (!config.json) console.error(`grant ${id}: give it to ${parameters.subject}, who calls with --grants`);
}

/** At whose providers a grant is taken back. @throws cli/bad-option when nothing says it */
function servicesOf(grants: Grants, service: string | undefined, config: Config): string[] {
  if (service !== undefined) return [canonicalNameOf(config, service)];
  const { serviceIds } = grants.at(-1)!.grant;
  if (serviceIds.length === 0) throw badOption("The grant is for all services: say which with --service.", {});
  return serviceIds.map((serviceId) => formatServiceName({ ...config.deployment, serviceId }));
}
