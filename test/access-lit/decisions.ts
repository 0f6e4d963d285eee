// What both Lit backends must tell as the chain does, and what they can't tell.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import { type Condition, chainOracle } from "@demec/access";
import { revokeOperator } from "@demec/chain";
import { parseAbi } from "viem";
import { writeContract } from "viem/actions";
import { type Members, startMembers } from "../access/stage.ts";
import { CREDIT, type TestChain } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";
import type { LitStage } from "./backends.ts";

const MINT_ABI = parseAbi(["function mint(address to, uint256 id)"]);
const AUDIENCE = "eip155:31337/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/1";

/** The same tests for each backend, which is started beside a chain. */
export function testDecisions(start: (market: TestChain) => Promise<LitStage>): void {
  let stage: Members;
  let lit: LitStage;
  before(async () => {
    stage = await startMembers();
    lit = await start(stage.market);
  });
  after(async () => {
    await lit.stop();
    await stage.market.connection.close();
  });

  test("says of every fact, for whom it holds and for whom it doesn't, what the chain says", async () => {
    const { market, buyer, owner, member, stranger, condition, serviceId, otherServiceId } = stage;
    const { address: badges } = await market.connection.viem.deployContract("Badges");
    const send = { address: badges, abi: MINT_ABI, account: buyer.account, chain: null } as const;
    await writeContract(buyer, { ...send, functionName: "mint", args: [buyer.account.address, 5n] });
    const token = market.deployment.demecToken;
    const conditions: Condition[] = [
      { type: "credits", atLeast: 10n * CREDIT },
      { type: "credits", atLeast: 10n * CREDIT + 1n },
      { type: "credits", atLeast: 1n, serviceId: otherServiceId },
      { type: "staked", atLeast: 10_000n * CREDIT },
      { type: "erc20", token, atLeast: 1_000_000n * CREDIT },
      { type: "erc721", token: badges, atLeast: 1n },
      { type: "erc721", token: badges, id: 5n },
      { type: "erc721", token: badges, id: 6n },
      { type: "erc1155", token: market.deployment.accessToken, id: serviceId, atLeast: 1n },
      condition,
      { type: "account", in: [stranger.account.address] },
      {
        type: "any",
        of: [
          condition,
          {
            type: "all",
            of: [
              { type: "staked", atLeast: 1n },
              { type: "not", of: condition },
            ],
          },
        ],
      },
    ];
    const { oracle } = lit.backend(1);
    const onChain = chainOracle(market.publicClient, market.deployment);
    const answers = new Set<boolean>();
    for (const asked of conditions)
      for (const { account } of [buyer, owner, member, stranger]) {
        const situation = { account: account.address, serviceId, provider: owner.account.address };
        const expected = await onChain(asked, situation);
        assert.equal(await oracle(asked, situation), expected, inspect({ asked, situation }));
        answers.add(expected);
      }
    assert.equal(answers.size, 2);
  });

  test("refuses to say whether an account has a session", async () => {
    const { member, owner, serviceId } = stage;
    const situation = { account: member.account.address, serviceId, provider: owner.account.address };
    await refusedWith("lit/unsupported-condition", lit.backend(1).oracle({ type: "session" }, situation));
  });

  test("a box opens for whom the chain has as the operator when it is opened: not once the owner has revoked it", async () => {
    const { market, owner } = stage;
    const { address } = owner.account;
    const caller = { audience: AUDIENCE, subject: stage.buyer.account.address };
    const reader = { owner: address, nodeKey: `0x${"11".repeat(32)}` } as const;
    const secret = new TextEncoder().encode("hunter2");
    const box = await lit.backend(9).sealer.seal(secret, caller, [reader]);
    assert.deepEqual(await lit.backend(1).opener(address).open(box, caller), secret);
    await refusedWith("access/sealed-to-others", lit.backend(9).opener(address).open(box, caller));
    await revokeOperator(owner, market.deployment);
    await refusedWith("access/sealed-to-others", lit.backend(1).opener(address).open(box, caller));
  });
}
