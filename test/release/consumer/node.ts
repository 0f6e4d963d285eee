// Type-checked as a user's program under `moduleResolution: nodenext`, with the libraries' declarations checked too.
import { getService, parseDeployment, quoteBuy } from "@demec/chain";
import { type Connection, Node } from "@demec/network";
import { type DemecError, formatServiceName, type Usage } from "@demec/protocol";
import { sha256 } from "@demec/protocol/sha256";
import { startDaemon } from "@demec/provider/node";
import type { CallResult } from "@demec/sdk";
import { connect } from "@demec/sdk/node";
import { LevelJournal } from "@demec/session/node";
import { Executor } from "@demec/wasm/node";
import { wasmtimeModule } from "@demec/wasmtime";
import { createPublicClient, http } from "viem";

const demec = await connect({ rpcUrl: "http://127.0.0.1:8545" });
const service = await demec.service("eip155:1/erc1155:0x00/1", { budget: 1n });
const result: CallResult = await service.invoke("input");
export const usage: Usage = result.usage;
export const output: Uint8Array = await service.call(new Uint8Array(1), { deadlineMs: 1_000 });
// @ts-expect-error: a budget is in base units
await demec.service("", { budget: 1 });

const deployment = parseDeployment("{}");
const client = createPublicClient({ transport: http() });
export const cost: bigint = (await quoteBuy(client, deployment, { serviceId: 1n, credits: 1n })).cost;
export const codeHash: `0x${string}` = (await getService(client, deployment, 1n)).codeHash;
export const hash: Uint8Array = sha256(new Uint8Array());
export const used = [Executor, LevelJournal, Node, formatServiceName, startDaemon, wasmtimeModule];
export type Used = [Connection, DemecError];
