import {
  encodeFrame,
  FRAGMENT_BYTES,
  type Frame,
  type Limits,
  type SessionFrame,
  StreamHash,
  type StreamMessage,
} from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import type { Mutator } from "./mutator.ts";

export const HANDLE = 1;
/** Uploads in one script. */
export const UPLOADS = 3;
const LIMITS: Limits = { bitOps: 10_000_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1 << 20 };
const DEADLINE_MS = 20_000;

/**
 * What an honest buyer sends for some calls in fragments, in one order of many that are right.
 * @param callIds of the calls; none of an earlier script
 */
export function orderly(mutator: Mutator, callIds: readonly number[]): Frame[] {
  const uploads = callIds.map((callId, i) => uploadOf(callId, i + 1, 70_000 + mutator.below(80_000)));
  const script: Frame[] = [];
  // Streams are numbered in the order in which they are opened.
  for (const upload of uploads) script.push(upload.shift()!);
  for (let left = uploads; left.length > 0; left = left.filter((upload) => upload.length > 0)) {
    script.push(mutator.pick(left).shift()!);
  }
  return script;
}

/** The same with one to four frames lost, doubled, moved, said of another stream, or other frames of streams between them. */
export function disorderly(mutator: Mutator, callIds: readonly number[]): Frame[] {
  const script = orderly(mutator, callIds);
  for (let changes = 1 + mutator.below(4); changes > 0; changes--) {
    const at = mutator.below(script.length);
    const [frame] = script.splice(at, 1);
    const elsewhere = mutator.below(script.length + 1);
    switch (mutator.below(5)) {
      case 0:
        break;
      case 1:
        script.splice(at, 0, frame!, frame!);
        break;
      case 2:
        script.splice(elsewhere, 0, frame!);
        break;
      case 3:
        script.splice(at, 0, { ...frame!, streamId: mutator.below(UPLOADS + 2) } as Frame);
        break;
      default:
        script.splice(at, 0, frame!);
        script.splice(elsewhere, 0, stray(mutator, mutator.pick(callIds)));
    }
  }
  return script;
}

function stray(mutator: Mutator, callId: number): Frame {
  const streamId = 1 + mutator.below(UPLOADS + 1);
  const kinds: Frame[] = [
    { type: "session", handle: HANDLE, message: { type: "cancel", callId } },
    { type: "streamAbort", streamId },
    { type: "streamEnd", streamId, hash: new Uint8Array(32) },
    { type: "streamData", streamId, bytes: new Uint8Array(mutator.below(FRAGMENT_BYTES)) },
    { type: "streamCredit", streamId, bytes: mutator.below(1 << 20) },
    { type: "streamTaken", streamId },
    { type: "streamRefuse", streamId, code: "network/stream-refused" },
    { type: "streamOpen", streamId: UPLOADS + 1, content: { kind: "output", handle: HANDLE, callId } },
    { type: "streamOpen", streamId: UPLOADS + 1, content: { kind: "message", messageBytes: 100_000 } },
  ];
  return mutator.pick(kinds);
}

function uploadOf(callId: number, streamId: number, inputBytes: number): StreamMessage[] {
  const request = bareRequest({ input: new Uint8Array(inputBytes).fill(callId), limits: LIMITS });
  const message = { type: "invoke", callId, deadlineMs: DEADLINE_MS, request } as const;
  const bytes = encodeFrame({ type: "session", handle: HANDLE, message } satisfies SessionFrame);
  const call = { handle: HANDLE, callId, deadlineMs: DEADLINE_MS, limits: LIMITS, inputBytes };
  const content = { kind: "invoke", ...call, messageBytes: bytes.length } as const;
  const upload: StreamMessage[] = [{ type: "streamOpen", streamId, content }];
  const hash = new StreamHash();
  for (let at = 0; at < bytes.length; at += FRAGMENT_BYTES) {
    const part = bytes.subarray(at, at + FRAGMENT_BYTES);
    hash.update(part);
    upload.push({ type: "streamData", streamId, bytes: part });
  }
  return [...upload, { type: "streamEnd", streamId, hash: hash.digest() }];
}
