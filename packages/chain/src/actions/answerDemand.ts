import type { DemandAnswer, ExecutionOutcome, Hex } from "@demec/protocol";
import { bytesToHex } from "viem";
import { faultCourtAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { execute, mined } from "../execute.ts";
import type { Mined, SessionParams, WriteClient } from "../types.ts";

export interface AnswerDemandParameters {
  readonly params: SessionParams;
  readonly answer: DemandAnswer;
  /** Of the session's operator over the answer, domain: the escrow. */
  readonly operatorSig: Hex;
  readonly outcome: Pick<ExecutionOutcome, "exitCode" | "output" | "stderr">;
}

/**
 * Ends a demand by its output; the provider gets the deposit. Anyone may bring it.
 * @throws chain/not-demanded, chain/deadline-passed, chain/foreign-signer, chain/bad-answer
 */
export async function answerDemand(
  client: WriteClient,
  deployment: Deployment,
  { params, answer, operatorSig, outcome }: AnswerDemandParameters,
): Promise<Mined> {
  const { exitCode, output, stderr } = outcome;
  const receipt = await execute(client, deployment, {
    address: deployment.court,
    abi: faultCourtAbi,
    functionName: "answerDemand",
    args: [params, answer, operatorSig, { exitCode, output: bytesToHex(output), stderr: bytesToHex(stderr) }],
  });
  return mined(receipt);
}
