import assert from "node:assert/strict";
import { test } from "node:test";
import type { Address } from "@demec/protocol";
import fc from "fast-check";
import { pad, toHex } from "viem";
import type { Condition } from "./condition.ts";
import { decide, meets, questionOf } from "./facts.ts";

const ACCOUNT: Address = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const situation = { account: ACCOUNT, serviceId: 1n, provider: ACCOUNT };
const deployment = { accessToken: ACCOUNT, staking: ACCOUNT };
const FACTS = 4;
const contractOf = (index: number): Address => pad(toHex(index + 1), { size: 20 });

/** true, false, or null: the contract doesn't say. */
type Answers = readonly (boolean | null)[];

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4 },
    fc.nat(FACTS - 1).map(
      (index): Condition => ({
        ...{ type: "role", contract: contractOf(index), role: pad("0x") },
      }),
    ),
    fc.boolean().map((isOne): Condition => ({ type: "account", in: [isOne ? ACCOUNT : contractOf(9)] })),
    tie("condition").map((of): Condition => ({ type: "not", of: of as Condition })),
    fc
      .record({
        type: fc.constantFrom("all" as const, "any" as const),
        of: fc.array(tie("condition"), { minLength: 1, maxLength: 3 }),
      })
      .map((parts) => parts as Condition),
  ),
}));

/** Kleene's logic of three values, word by word. */
function kleene(condition: Condition, answers: Answers): boolean | null {
  switch (condition.type) {
    case "role":
      return answers[Number(condition.contract) - 1]!;
    case "account":
      return condition.in.includes(ACCOUNT);
    case "not": {
      const inner = kleene(condition.of, answers);
      return inner === null ? null : !inner;
    }
    case "all":
    case "any": {
      const decisive = condition.type === "any";
      const parts = condition.of.map((part) => kleene(part, answers));
      return parts.includes(decisive) ? decisive : parts.includes(null) ? null : !decisive;
    }
    default:
      throw new Error(condition.type);
  }
}

test("a condition lets in exactly when it is true in three-valued logic: what nobody can tell never lets anybody in", () =>
  fc.assert(
    fc.asyncProperty(
      condition,
      fc.array(fc.constantFrom(true, false, null), { minLength: FACTS, maxLength: FACTS }),
      async (condition, answers) => {
        const holds = await decide(questionOf(condition, situation, deployment), async (fact) => {
          assert.equal(fact.type, "fact");
          const answer = answers[Number(fact.type === "fact" && fact.contract) - 1]!;
          return fact.type === "fact" && answer !== null && meets(fact, answer);
        });
        assert.equal(holds, kleene(condition, answers) === true);
      },
    ),
    { numRuns: 2_000 },
  ));

test("a fact and its opposite are never both met, and one of them is", () => {
  const conditions: Condition[] = [
    { type: "erc20", token: ACCOUNT, atLeast: 5n },
    { type: "erc721", token: ACCOUNT, id: 7n },
    { type: "role", contract: ACCOUNT, role: pad("0x") },
  ];
  for (const condition of conditions)
    for (const answer of condition.type === "role"
      ? [true, false]
      : [4n, 5n, ACCOUNT, ACCOUNT.toLowerCase() as Address]) {
      const [plain, opposite] = [true, false].map((wanted) => {
        const question = questionOf(condition, situation, deployment, wanted);
        return question.type === "fact" && meets(question, answer);
      });
      assert.notEqual(plain, opposite);
    }
});
