import { operatorErrors } from "#operator-errors";
import { accessErrors } from "./errorTable/access.ts";
import { chainErrors } from "./errorTable/chain.ts";
import { curveErrors } from "./errorTable/curve.ts";
import { executorErrors } from "./errorTable/executor.ts";
import { lightErrors } from "./errorTable/light.ts";
import { litErrors } from "./errorTable/lit.ts";
import { networkErrors } from "./errorTable/network.ts";
import { paymentErrors } from "./errorTable/payment.ts";
import { protocolErrors } from "./errorTable/protocol.ts";
import { providerErrors } from "./errorTable/provider.ts";
import { sdkErrors } from "./errorTable/sdk.ts";
import { sessionErrors } from "./errorTable/session.ts";
import { wasmErrors } from "./errorTable/wasm.ts";

export type { ErrorDescriptor } from "./errorTable/descriptor.ts";

/**
 * Every error code of the project, by room. Codes are stable: they are never renamed and never reused.
 * The error index of the documentation is generated from this table.
 */
export const ERROR_TABLE = {
  ...protocolErrors,
  ...curveErrors,
  ...chainErrors,
  ...wasmErrors,
  ...executorErrors,
  ...networkErrors,
  ...sessionErrors,
  ...providerErrors,
  ...sdkErrors,
  ...operatorErrors,
  ...accessErrors,
  ...lightErrors,
  ...litErrors,
  ...paymentErrors,
} as const;

export type ErrorCode = keyof typeof ERROR_TABLE;
