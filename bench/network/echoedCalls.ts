import type { Service } from "@demec/sdk";

export const PAYLOAD_BYTES = 256;

/** Calls of a service that gives back what it gets, and what they came to. In a page too. */
export class EchoedCalls {
  /** Calls that were begun; that ended well; and what these cost, 18 decimals. */
  begun = 0;
  ended = 0;
  credits = 0n;
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** A call with an input of its own, which must come back. */
  readonly call = async (): Promise<void> => {
    const input = new Uint8Array(PAYLOAD_BYTES);
    new DataView(input.buffer).setUint32(0, this.begun++);
    const result = await this.#service.invoke(input);
    if (result.status !== "ok" || result.output.length !== PAYLOAD_BYTES || result.output[3] !== input[3]) {
      throw new Error(`A call ended with ${result.status} and ${result.output.length} bytes.`);
    }
    this.ended++;
    this.credits += result.credits;
  };
}
