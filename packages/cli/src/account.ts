import { DemecError, type Hex } from "@demec/protocol";
import {
  createPublicClient,
  createWalletClient,
  http,
  isHex,
  type PublicClient,
  type Transport,
  type WalletClient,
} from "viem";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Config } from "./config.ts";
import { hasKey, unlockKey } from "./keystore.ts";
import { readPassword } from "./password.ts";

/** Key of the keystore that is used when none is named. */
const DEFAULT_KEY = "default";

/** Private key from an environment variable. @throws cli/no-key */
export function readKey(variable: string): Hex {
  const value = process.env[variable];
  if (!isHex(value) || value.length !== 66) {
    throw new DemecError(
      "cli/no-key",
      `Environment variable ${variable} ${value === undefined ? "is not set" : "is not a private key"}.`,
      { details: { variable } },
    );
  }
  return value;
}

/**
 * The key that pays and signs: of `--account`, of DEMEC_PRIVATE_KEY, of the account that environment or files name, of
 * the development network, or the keystore's "default", in this order.
 * @throws cli/no-key, cli/unknown-key, cli/no-password, cli/wrong-password
 */
export async function readAccountKey(config: Config): Promise<Hex> {
  const { account, home, dev } = config;
  if (account?.byFlag) return unlock(config, account.name);
  if (process.env.DEMEC_PRIVATE_KEY !== undefined) return readKey("DEMEC_PRIVATE_KEY");
  if (account !== undefined) return unlock(config, account.name);
  if (dev !== null) return dev.privateKey;
  return hasKey(home, DEFAULT_KEY) ? unlock(config, DEFAULT_KEY) : readKey("DEMEC_PRIVATE_KEY");
}

/** A key of another role: of the keystore when it is named, else of an environment variable. @throws as above */
export async function readRoleKey(config: Config, name: string | undefined, variable: string): Promise<Hex> {
  return name === undefined ? readKey(variable) : unlock(config, name);
}

interface Clients {
  readonly client: PublicClient;
  readonly wallet: WalletClient<Transport, undefined, PrivateKeyAccount>;
  readonly account: PrivateKeyAccount;
  readonly privateKey: Hex;
}

/** viem clients for a command: one that reads, one that signs. @throws like `readAccountKey` */
export async function makeClients(config: Config): Promise<Clients> {
  const { rpcUrl } = config;
  const transport = http(rpcUrl);
  const privateKey = await readAccountKey(config);
  const account = privateKeyToAccount(privateKey);
  return {
    client: createPublicClient({ transport }),
    wallet: createWalletClient({ transport, account }),
    account,
    privateKey,
  };
}

async function unlock({ home, passwordFile }: Config, name: string): Promise<Hex> {
  return unlockKey(home, name, await readPassword(`key "${name}"`, { passwordFile }));
}
