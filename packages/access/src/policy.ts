import type { Address } from "@demec/protocol";
import * as z from "zod/mini";
import { type Condition, conditionSchema } from "./condition.ts";
import { address, count, parseAs } from "./fields.ts";

/** Who is let in to a service, and with what. */
export interface GatePolicy {
  /** Facts that let an account in without a grant; null: none do. */
  readonly condition: Condition | null;
  /** Accounts whose grants let others in. */
  readonly grantors: readonly Address[];
  /** Links of grants below an account that the condition lets in; 0: it can't share. */
  readonly delegations: number;
  /** How long a token opens the door; seconds. Who is inside is looked at again and again. */
  readonly tokenSeconds: number;
  /** Every token opens it once. */
  readonly singleUse: boolean;
}

const schema: z.ZodMiniType<GatePolicy> = z.strictObject({
  condition: z._default(z.nullable(conditionSchema), null),
  grantors: z._default(z.array(address), []),
  delegations: z._default(count.check(z.maximum(8)), 0),
  tokenSeconds: z._default(count.check(z.minimum(10), z.maximum(86_400)), 300),
  singleUse: z._default(z.boolean(), false),
});

/** A policy as its operator wrote it: JSON, integers of conditions as decimal strings. @throws access/bad-policy */
export function parseGatePolicy(value: unknown): GatePolicy {
  return parseAs(schema, value, "access/bad-policy");
}
