import * as viem from "viem/actions";
import { toDemecError } from "./errors.ts";

// viem's reads whose failures carry a code: chain/rpc when the node did not answer.

export const getBlock = coded(viem.getBlock);
export const getChainId = coded(viem.getChainId);
export const getContractEvents = coded(viem.getContractEvents);
export const getLogs = coded(viem.getLogs);

/** The same function, but for what it throws. The type parameters of viem's actions survive only as a whole. */
function coded<F extends (...args: never[]) => Promise<unknown>>(action: F): F {
  const wrapped = (...args: Parameters<F>) =>
    action(...args).catch((error: unknown) => {
      throw toDemecError(error);
    });
  return wrapped as F;
}
