import { approveExact, getProvider, requestUnstake, stake, withdrawStake } from "@demec/chain";
import { demecHome } from "@demec/sdk/node";
import type { Command } from "commander";
import { createPublicClient, createWalletClient, formatUnits, http } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { readRoleKey } from "../account.ts";
import { parseAmount } from "../amounts.ts";
import { type Config, readConfig } from "../config.ts";
import { hasKey, keyAddress, saveKey } from "../keystore.ts";
import { print, step } from "../output.ts";
import { readPassword } from "../password.ts";

/** Keys that `provider init` makes. */
const ROLES = ["owner", "operator"] as const;
const OWNER_OPTION = ["--owner <name>", "key of the keystore: the staked account (default: DEMEC_OWNER_KEY)"] as const;

/** What an operator does before and after serving. */
export function addProviderStake(provider: Command): void {
  provider
    .command("init")
    .description("make the keys of a provider that are not there yet: owner, which stakes, and operator, which signs")
    .addHelpText("after", "\nExample:\n  demec provider init")
    .action(async (_options: unknown, command: Command) => {
      const { json, passwordFile } = command.optsWithGlobals<{ json: boolean; passwordFile?: string }>();
      const home = demecHome(process.env);
      const missing = ROLES.filter((role) => !hasKey(home, role));
      if (missing.length > 0) {
        const password = await readPassword("the provider's keys", { passwordFile, confirm: true });
        for (const role of missing) {
          await step(`making ${role}`, () => saveKey(home, role, generatePrivateKey(), password));
        }
      }
      const [owner, operator] = ROLES.map((role) => keyAddress(home, role));
      print(
        json,
        { owner, operator },
        `owner     ${owner}: send it the stake, and coin for gas
operator  ${operator}: send it coin for gas
Next: demec provider start --owner owner --operator operator --stake <amount> --service <service>`,
      );
    });

  provider
    .command("stake")
    .description("add to the owner's stake")
    .argument("<amount>", "DEMEC")
    .option(...OWNER_OPTION)
    .addHelpText("after", "\nExample:\n  demec provider stake 1000 --owner owner")
    .action(async (text: string, options: { owner?: string }, command: Command) => {
      const amount = parseAmount("Stake", text, 18);
      const config = readConfig(command);
      const { deployment, json } = config;
      const { client, wallet } = await ownerClients(config, options.owner);
      await step("staking", async () => {
        await approveExact(wallet, deployment, { token: deployment.demecToken, spender: deployment.staking, amount });
        return stake(wallet, deployment, amount);
      });
      const { staked } = await getProvider(client, deployment, wallet.account.address);
      print(json, { staked }, `${formatUnits(staked, 18)} DEMEC are staked`);
    });

  provider
    .command("unstake")
    .description("begin to take stake out, or pay out what has unbonded")
    .argument("[amount]", "DEMEC (default: pay out what has unbonded)")
    .option(...OWNER_OPTION)
    .addHelpText(
      "after",
      "\nStake stays slashable until its delay is over.\n\nExample:\n  demec provider unstake 500 --owner owner",
    )
    .action(async (text: string | undefined, options: { owner?: string }, command: Command) => {
      const asked = text === undefined ? null : parseAmount("Stake", text, 18);
      const config = readConfig(command);
      const { deployment, json } = config;
      const { wallet } = await ownerClients(config, options.owner);
      if (asked === null) {
        const { amount } = await step("withdrawing", () => withdrawStake(wallet, deployment));
        print(json, { amount }, `withdrew ${formatUnits(amount, 18)} DEMEC`);
        return;
      }
      const { releasableAt } = await step("unstaking", () => requestUnstake(wallet, deployment, asked));
      const when = new Date(Number(releasableAt) * 1000).toISOString();
      print(json, { amount: asked, releasableAt }, `${text} DEMEC unbond until ${when}: run it without an amount then`);
    });
}

async function ownerClients(config: Config, name: string | undefined) {
  const transport = http(config.rpcUrl);
  const account = privateKeyToAccount(await readRoleKey(config, name, "DEMEC_OWNER_KEY"));
  return { client: createPublicClient({ transport }), wallet: createWalletClient({ transport, account }) };
}
