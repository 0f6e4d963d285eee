// What the conformance suites of packages/access run over: a real chain, a contract whose role opens the door, and wallets.
import { AccountGate, MemoryAccessStore, type Oracle, prove } from "@demec/access";
import type { GateStage } from "@demec/access/testing";
import { createService, type WriteClient } from "@demec/chain";
import { formatServiceName, type Hex } from "@demec/protocol";
import { createWalletClient, custom, type PrivateKeyAccount, parseAbi } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { writeContract } from "viem/actions";
import { CREDIT, serviceParams, startTrade, type TestChain, testKey } from "../support/market.ts";

export const MEMBER: Hex = `0x${"3e".repeat(32)}`;
export const NODE_SEED = new Uint8Array(32).fill(0x5e);

const ROLES_ABI = parseAbi([
  "function grantRole(bytes32 role, address account)",
  "function revokeRole(bytes32 role, address account)",
]);

/** A wallet whose key is in this process. */
export function keyWallet(
  { connection }: TestChain,
  account: PrivateKeyAccount,
): WriteClient & { account: PrivateKeyAccount } {
  return createWalletClient({ account, transport: custom(connection.provider, { retryCount: 0 }) });
}

/** A market under way, and a contract `Members` of which one account is a member. */
export async function startMembers() {
  const trade = await startTrade({ credits: 10n * CREDIT });
  const { market, publisher } = trade;
  const { viem } = market.connection;
  const { serviceId: otherServiceId } = await createService(
    publisher,
    market.deployment,
    serviceParams(market.deployment.mockUsd),
  );
  const members = await viem.deployContract("Members");
  const wallets = [101, 102, 103].map((n) => keyWallet(market, privateKeyToAccount(testKey(n))));
  const [member, stranger, grantor] = wallets as [WriteClient, WriteClient, WriteClient];
  const args = [MEMBER, member.account.address] as const;
  const [admin] = await viem.getWalletClients();
  const send = async (functionName: "grantRole" | "revokeRole") =>
    void (await writeContract(admin!, { address: members.address, abi: ROLES_ABI, functionName, args }));
  const join = () => send("grantRole");
  const leave = () => send("revokeRole");
  await join();
  const condition = { type: "role", contract: members.address, role: MEMBER } as const;
  return { ...trade, otherServiceId, member, stranger, grantor, condition, join, leave };
}

export type Members = Awaited<ReturnType<typeof startMembers>>;

/** A backend that decides instead of the chain, and how it ends. */
export interface Decider {
  readonly oracle: Oracle;
  readonly stop: () => Promise<void>;
}

/** @param decide who decides instead of the chain */
export async function startGates(decide?: (members: Members) => Promise<Decider>): Promise<GateStage> {
  const members = await startMembers();
  const { market, owner, publisher, ...rest } = members;
  const { deployment, publicClient: client } = market;
  const provider = owner.account.address;
  const decider = await decide?.(members);
  return {
    ...rest,
    deployment,
    provider,
    otherProvider: publisher.account.address,
    nodeSeed: NODE_SEED,
    gate: (setting) =>
      new AccountGate({
        ...{ client, deployment, provider, serviceId: rest.serviceId },
        ...{ nodeSeed: NODE_SEED, store: new MemoryAccessStore(), oracle: decider?.oracle, ...setting },
      }),
    prove: (wallet, challenge, setting = {}) => {
      const { serviceId = rest.serviceId, ...others } = setting;
      const audience = formatServiceName({ ...deployment, serviceId });
      return prove({ wallet, market: deployment, challenge, audience, provider, ...others });
    },
    stop: async () => {
      await decider?.stop();
      await market.connection.close();
    },
  };
}
