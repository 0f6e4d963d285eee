import type { Address } from "@demec/protocol";
import type { Condition } from "../condition.ts";

/**
 * Conditions with something in them that nobody can tell, and whether they let a member and a stranger in.
 * @param member holds for the member and not for the stranger
 * @param other is neither of them
 */
export function untoldCases(
  member: Condition,
  stranger: Address,
  other: Address,
): readonly (readonly [condition: Condition, member: boolean, stranger: boolean])[] {
  // No contract is there: nothing is answered.
  const untold: Condition = { type: "erc20", token: stranger, atLeast: 0n };
  const not = (of: Condition): Condition => ({ type: "not", of });
  const others = not(member);
  const is = (account: Address): Condition => ({ type: "account", in: [account] });
  return [
    [untold, false, false],
    [not(untold), false, false],
    [{ type: "all", of: [member, not(untold)] }, false, false],
    [{ type: "any", of: [not(untold), member] }, true, false],
    [not({ type: "any", of: [untold, member] }), false, false],
    [not({ type: "all", of: [untold, member] }), false, true],
    [others, false, true],
    [not(others), true, false],
    [{ type: "all", of: [member, is(other)] }, false, false],
    [{ type: "any", of: [is(stranger), member] }, true, true],
  ];
}
