/** A call that was announced and admitted, and whose message is on its way in fragments. */
export interface Upload {
  /** What it occupies of the exposure. */
  readonly credits: bigint;
  /** Bytes of input that it will hold. */
  readonly heldBytes: number;
  readonly announcedMs: number;
  readonly deadlineMs: number;
}

/** The provider's calls that are on their way: each counts from its announcement as it will when it has come. */
export class Uploads {
  readonly #uploads = new Map<number, Upload>();
  /** Worst case of all of them; credits. */
  occupied = 0n;
  heldBytes = 0;

  get size(): number {
    return this.#uploads.size;
  }

  has(callId: number): boolean {
    return this.#uploads.has(callId);
  }

  add(callId: number, upload: Upload): void {
    this.#uploads.set(callId, upload);
    this.occupied += upload.credits;
    this.heldBytes += upload.heldBytes;
  }

  /** Ends one: it has come, or will not. */
  take(callId: number): Upload | undefined {
    const upload = this.#uploads.get(callId);
    if (upload === undefined) return undefined;
    this.#uploads.delete(callId);
    this.occupied -= upload.credits;
    this.heldBytes -= upload.heldBytes;
    return upload;
  }

  /** Ends those whose deadline passed before they had come; their calls. */
  takeExpired(nowMs: number): number[] {
    const expired: number[] = [];
    for (const [callId, { announcedMs, deadlineMs }] of this.#uploads) {
      if (nowMs > announcedMs + deadlineMs) expired.push(callId);
    }
    for (const callId of expired) this.take(callId);
    return expired;
  }

  /** Ends all of them; their calls. */
  takeAll(): number[] {
    const all = [...this.#uploads.keys()];
    for (const callId of all) this.take(callId);
    return all;
  }
}
