import type { Client } from "viem";
import * as viem from "viem/actions";
import { toDemecError } from "./errors.ts";

/** Blocks asked for at once: public nodes refuse more than some thousands. */
const LOG_PAGE_BLOCKS = 5_000n;

// viem's reads whose failures carry a code: chain/rpc when the node did not answer. Those of logs ask page by page.

export const getBlock = coded(viem.getBlock);
export const getChainId = coded(viem.getChainId);
export const getContractEvents = paged(viem.getContractEvents);
export const getLogs = paged(viem.getLogs);

/** The same function, but for what it throws. The type parameters of viem's actions survive only as a whole. */
function coded<F extends (...args: never[]) => Promise<unknown>>(action: F): F {
  const wrapped = (...args: Parameters<F>) =>
    action(...args).catch((error: unknown) => {
      throw toDemecError(error);
    });
  return wrapped as F;
}

type LogRead = (client: Client, filter: { fromBlock?: unknown; toBlock?: unknown }) => Promise<unknown[]>;

/** The same read of logs from a block on, but a page of blocks at a time, up to a block or to the newest. */
function paged<F extends (...args: never[]) => Promise<unknown>>(action: F): F {
  const read = action as unknown as LogRead;
  const pages: LogRead = async (client, filter) => {
    const { fromBlock, toBlock = await viem.getBlockNumber(client, { cacheTime: 0 }) } = filter;
    if (typeof fromBlock !== "bigint" || typeof toBlock !== "bigint") return read(client, filter);
    const logs: unknown[] = [];
    for (let from = fromBlock; from <= toBlock; from += LOG_PAGE_BLOCKS) {
      const last = from + LOG_PAGE_BLOCKS - 1n;
      logs.push(...(await read(client, { ...filter, fromBlock: from, toBlock: last < toBlock ? last : toBlock })));
    }
    return logs;
  };
  return coded(pages) as unknown as F;
}
