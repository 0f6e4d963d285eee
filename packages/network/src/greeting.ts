import { DemecError, type Hex, isDemecError } from "@demec/protocol";
import type { CloseReason } from "./connectionTypes.ts";
import { type Deadline, within } from "./deadline.ts";
import { toHex } from "./hex.ts";
import type { NoiseStream } from "./transport/noiseStream.ts";

/**
 * Waits for the handshake of a Noise stream, which is destroyed when it fails.
 * @param expectedKey node key that the other side must have proved
 * @throws network/unreachable, network/key-mismatch, network/timeout, network/aborted
 */
export async function proveKey(stream: NoiseStream, deadline: Deadline, expectedKey?: Hex): Promise<void> {
  let streamError: unknown;
  stream.on("error", (error) => {
    streamError = error;
  });
  try {
    const opened = await within(stream.opened, "The handshake", deadline);
    if (!opened) {
      throw new DemecError("network/unreachable", `No connection to ${expectedKey ?? "the peer"}.`, {
        cause: streamError,
        details: { publicKey: expectedKey },
      });
    }
    const remoteKey = toHex(stream.remotePublicKey);
    if (expectedKey !== undefined && remoteKey !== expectedKey) {
      throw new DemecError("network/key-mismatch", `The peer proved key ${remoteKey} instead of ${expectedKey}.`, {
        details: { expected: expectedKey, actual: remoteKey },
      });
    }
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** What `open` throws when the connection ends before both have greeted. */
export function greetingError(reason: CloseReason): DemecError {
  if (isDemecError(reason.cause)) return reason.cause;
  const code = reason.code === "network/version-mismatch" ? "network/version-mismatch" : "network/unreachable";
  return new DemecError(code, `The peer ended the greeting: ${reason.message}`, {
    cause: reason.cause,
    details: { code: reason.code },
  });
}
