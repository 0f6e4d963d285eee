import type { Address, Hex } from "@demec/protocol";
import * as z from "zod/mini";
import { address, hash32, uint256 } from "./fields.ts";

/** A fact on chain about an account, or a composition of facts. Amounts are base units. */
export type Condition =
  /** Holds credits of a service; the gate's own where none is named. */
  | { readonly type: "credits"; readonly atLeast: bigint; readonly serviceId?: bigint | undefined }
  /** Is the buyer of a session of the gate's service that is not settled, with the gate's provider. */
  | { readonly type: "session" }
  /** Has stake of its own that isn't unbonding. */
  | { readonly type: "staked"; readonly atLeast: bigint }
  | { readonly type: "erc20"; readonly token: Address; readonly atLeast: bigint }
  /** Owns so many of a collection, or a certain one. */
  | { readonly type: "erc721"; readonly token: Address; readonly atLeast: bigint }
  | { readonly type: "erc721"; readonly token: Address; readonly id: bigint }
  | { readonly type: "erc1155"; readonly token: Address; readonly id: bigint; readonly atLeast: bigint }
  /** Has a role of an OpenZeppelin AccessControl contract: what `grantRole` gives and `revokeRole` takes. */
  | { readonly type: "role"; readonly contract: Address; readonly role: Hex }
  /** Is one of these. */
  | { readonly type: "account"; readonly in: readonly Address[] }
  | { readonly type: "all" | "any"; readonly of: readonly Condition[] }
  | { readonly type: "not"; readonly of: Condition };

/** A condition as JSON says it, where integers are decimal strings. */
export const conditionSchema: z.ZodMiniType<Condition> = z.lazy(() =>
  z.union([
    z.strictObject({ type: z.literal("credits"), atLeast: uint256, serviceId: z.optional(uint256) }),
    z.strictObject({ type: z.literal("session") }),
    z.strictObject({ type: z.literal("staked"), atLeast: uint256 }),
    z.strictObject({ type: z.literal("erc20"), token: address, atLeast: uint256 }),
    z.strictObject({ type: z.literal("erc721"), token: address, atLeast: uint256 }),
    z.strictObject({ type: z.literal("erc721"), token: address, id: uint256 }),
    z.strictObject({ type: z.literal("erc1155"), token: address, id: uint256, atLeast: uint256 }),
    z.strictObject({ type: z.literal("role"), contract: address, role: hash32 }),
    z.strictObject({ type: z.literal("account"), in: z.array(address).check(z.minLength(1)) }),
    z.strictObject({ type: z.enum(["all", "any"]), of: z.array(conditionSchema).check(z.minLength(1)) }),
    z.strictObject({ type: z.literal("not"), of: conditionSchema }),
  ]),
);
