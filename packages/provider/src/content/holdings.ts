import { DemecError } from "@demec/protocol";
import type { ContentPolicy } from "./policy.ts";

/** Bytes that calls by content hold in this process and its store, of each buyer and in all. */
export class Holdings {
  readonly #policy: Pick<ContentPolicy, "maxHeldBytes" | "maxHeldBytesPerBuyer">;
  readonly #of = new Map<string, number>();
  #all = 0;

  constructor(policy: Pick<ContentPolicy, "maxHeldBytes" | "maxHeldBytesPerBuyer">) {
    this.#policy = policy;
  }

  /** @returns gives the bytes back; of effect once @throws provider/content-busy */
  take(buyer: string, bytes: number): () => void {
    const { maxHeldBytes, maxHeldBytesPerBuyer } = this.#policy;
    const held = this.#of.get(buyer) ?? 0;
    if (held + bytes > maxHeldBytesPerBuyer || this.#all + bytes > maxHeldBytes) {
      const what = `${bytes} bytes by content do not fit beside ${held} held for ${buyer} and ${this.#all} in all.`;
      const details = { bytes, held, maxHeldBytesPerBuyer, heldInAll: this.#all, maxHeldBytes };
      throw new DemecError("provider/content-busy", what, { details });
    }
    this.#change(buyer, bytes);
    let taken = bytes;
    return () => {
      this.#change(buyer, -taken);
      taken = 0;
    };
  }

  #change(buyer: string, bytes: number): void {
    this.#all += bytes;
    const held = (this.#of.get(buyer) ?? 0) + bytes;
    if (held === 0) this.#of.delete(buyer);
    else this.#of.set(buyer, held);
  }
}
