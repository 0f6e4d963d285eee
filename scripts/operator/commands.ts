// What a provider's owner, or whoever holds the stake tokens, does by hand. Amounts are decimal numbers of whole tokens.
import {
  approveExact,
  type Deployment,
  enrol,
  requestUnstake,
  stake,
  type WriteClient,
  withdrawClaim,
  withdrawStake,
} from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
import { erc20Abi, formatUnits, getAddress, isAddress, parseUnits } from "viem";
import { sendTransaction, waitForTransactionReceipt, writeContract } from "viem/actions";

/** Options of the command line that are not about the connection. */
export type Options = Readonly<Record<string, string | undefined>>;
export interface Done {
  /** One sentence. */
  readonly did: string;
  readonly transactionHash: Hex;
}

interface Command {
  readonly usage: string;
  readonly run: (client: WriteClient, deployment: Deployment, options: Options) => Promise<Done>;
}

const STAKE_DECIMALS = 18;

export const COMMANDS: Readonly<Record<string, Command>> = {
  fund: {
    usage: "--to ADDRESS (--amount DEMEC | --coin AMOUNT)   sends stake tokens, or the chain's coin for gas",
    async run(client, deployment, options) {
      const to = address(options, "to");
      if ((options.amount === undefined) === (options.coin === undefined)) {
        throw new Error("Exactly one of --amount and --coin must be given.");
      }
      const value = amount(options, options.coin === undefined ? "amount" : "coin");
      const transactionHash =
        options.coin === undefined
          ? await writeContract(client, {
              chain: null,
              address: deployment.demecToken,
              abi: erc20Abi,
              functionName: "transfer",
              args: [to, value],
            })
          : await sendTransaction(client, { chain: null, to, value });
      const { status } = await waitForTransactionReceipt(client, { hash: transactionHash, pollingInterval: 100 });
      if (status !== "success") throw new Error(`Transaction ${transactionHash} reverted.`);
      return {
        did: `Sent ${show(value)} ${options.coin === undefined ? "DEMEC" : "of the coin"} to ${to}.`,
        transactionHash,
      };
    },
  },
  stake: {
    usage: "--amount DEMEC   adds to the caller's stake",
    async run(client, deployment, options) {
      const value = amount(options, "amount");
      const { demecToken: token, staking: spender } = deployment;
      await approveExact(client, deployment, { token, spender, amount: value });
      const { transactionHash } = await stake(client, deployment, value);
      return { did: `Staked ${show(value)} DEMEC.`, transactionHash };
    },
  },
  enrol: {
    usage: "--service ID   offers to run a service; the provider must be active: `demec provider start` registers it",
    async run(client, deployment, options) {
      const serviceId = required(options, "service");
      if (!/^\d+$/.test(serviceId)) throw new Error(`--service is "${serviceId}", not a number.`);
      const { transactionHash } = await enrol(client, deployment, BigInt(serviceId));
      return { did: `Enrolled in service ${serviceId}.`, transactionHash };
    },
  },
  unstake: {
    usage: "--amount DEMEC   starts to unbond stake that no session has locked; starts the delay anew for all of it",
    async run(client, deployment, options) {
      const value = amount(options, "amount");
      const { transactionHash, releasableAt } = await requestUnstake(client, deployment, value);
      const date = new Date(Number(releasableAt) * 1000).toISOString();
      return { did: `${show(value)} DEMEC unbond until ${date}.`, transactionHash };
    },
  },
  withdraw: {
    usage:
      "[--to ADDRESS] [--token ADDRESS]   takes out unbonded stake; with --token, the earnings in that payment token",
    async run(client, deployment, options) {
      const to = options.to === undefined ? client.account.address : address(options, "to");
      if (options.token === undefined) {
        const { transactionHash, amount: value } = await withdrawStake(client, deployment, { to });
        return { did: `Withdrew ${show(value)} DEMEC to ${to}.`, transactionHash };
      }
      const token = address(options, "token");
      const { transactionHash, amount: units } = await withdrawClaim(client, deployment, { token, to });
      return { did: `Withdrew ${units} base units of ${token} to ${to}.`, transactionHash };
    },
  },
};

function required(options: Options, name: string): string {
  const value = options[name];
  if (value === undefined) throw new Error(`--${name} is missing.`);
  return value;
}

function address(options: Options, name: string): Address {
  const value = required(options, name);
  if (!isAddress(value)) throw new Error(`--${name} is "${value}", not an address.`);
  return getAddress(value);
}

function amount(options: Options, name: string): bigint {
  const value = required(options, name);
  if (!/^\d+(\.\d{1,18})?$/.test(value))
    throw new Error(`--${name} is "${value}", not an amount with at most 18 decimals.`);
  const units = parseUnits(value, STAKE_DECIMALS);
  if (units === 0n) throw new Error(`--${name} is 0.`);
  return units;
}

const show = (units: bigint): string => formatUnits(units, STAKE_DECIMALS);
