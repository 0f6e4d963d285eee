import { DemecError, type ExecutionRequest, WASI_VERSION } from "@demec/protocol";
import { bytesToHex, type Hex, hexToBytes } from "viem";

/** An execution as `FaultCourt` takes and emits it. */
export interface OnChainExecution {
  readonly wasiVersion: number;
  readonly shape: number;
  readonly clockNs: bigint;
  readonly bitOps: bigint;
  readonly floatOps: bigint;
  readonly memoryPages: number;
  readonly outputBytes: number;
  readonly envSalt: Hex;
  readonly seed: Hex;
  readonly input: Hex;
  readonly args: readonly string[];
  /** Name, value, name, value, … */
  readonly env: readonly string[];
}

/** @throws chain/demand-with-files: the chain knows executions without files only */
export function onChainExecution({ limits, ...request }: ExecutionRequest): OnChainExecution {
  if (request.files.length > 0) {
    const what = `The call to be demanded has ${request.files.length} files.`;
    throw new DemecError("chain/demand-with-files", what, { details: { files: request.files.length } });
  }
  return {
    ...limits,
    wasiVersion: WASI_VERSION,
    shape: request.shape === "command" ? 0 : 1,
    clockNs: request.clockNs,
    envSalt: bytesToHex(request.envSalt),
    seed: bytesToHex(request.seed),
    input: bytesToHex(request.input),
    args: request.args,
    env: request.env.flat(),
  };
}

/** Inverse of {@link onChainExecution}; null for what nothing of this protocol version encodes to. */
export function executionRequest(execution: OnChainExecution): ExecutionRequest | null {
  const { wasiVersion, shape, env, bitOps, floatOps, memoryPages, outputBytes } = execution;
  if (wasiVersion !== WASI_VERSION || shape > 1 || env.length % 2 !== 0) return null;
  const pairs: [string, string][] = [];
  for (let i = 0; i < env.length; i += 2) pairs.push([env[i]!, env[i + 1]!]);
  return {
    shape: shape === 0 ? "command" : "reactor",
    input: hexToBytes(execution.input),
    args: execution.args,
    env: pairs,
    files: [],
    envSalt: hexToBytes(execution.envSalt),
    clockNs: execution.clockNs,
    seed: hexToBytes(execution.seed),
    limits: { bitOps, floatOps, memoryPages, outputBytes },
  };
}
