import type { CoreRequest } from "hypercore/lib/messages.js";
import type { Connection } from "../connection.ts";
import { fromHex } from "../hex.ts";
import { CoreChannel } from "./coreChannel.ts";
import type { StaticCore } from "./staticCore.ts";

/** Requests of one peer that wait at most; an honest one has far fewer under way. */
const MAX_WAITING = 1_024;

/** Serves one core on one connection, no faster than the other side takes it. */
export class CoreHost {
  readonly #core: StaticCore;
  /** By their number, in the order in which they came. */
  readonly #waiting = new Map<number, CoreRequest>();
  #channel: CoreChannel | null = null;
  #isAnswering = false;

  static serve(connection: Connection, core: StaticCore, discoveryKey: Uint8Array): void {
    const host = new CoreHost(core);
    host.#channel = CoreChannel.open(connection, {
      ...{ coreKey: fromHex(core.content.coreKey), discoveryKey, length: core.length },
      onRequest: (request) => host.#onRequest(request),
      onCancel: (id) => host.#waiting.delete(id),
      onDrain: () => void host.#answerAll(),
      onClose: () => {
        host.#channel = null;
        host.#waiting.clear();
      },
    });
  }

  private constructor(core: StaticCore) {
    this.#core = core;
  }

  #onRequest(request: CoreRequest): void {
    if (this.#waiting.size >= MAX_WAITING) {
      this.#channel?.close();
      return;
    }
    this.#waiting.set(request.id, request);
    void this.#answerAll();
  }

  async #answerAll(): Promise<void> {
    if (this.#isAnswering) return;
    this.#isAnswering = true;
    while (this.#channel?.drained) {
      const [request] = this.#waiting.values();
      if (request === undefined) break;
      this.#waiting.delete(request.id);
      const data = await this.#core.prove(request);
      if (data === null) this.#channel?.refuse(request.id);
      else this.#channel?.answer(data);
    }
    this.#isAnswering = false;
  }
}
