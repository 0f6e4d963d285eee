import { Allowance } from "@demec/network/allowance";
import type { Connection } from "@demec/network/portable";
import { type Attach, DemecError, isDemecError } from "@demec/protocol";
import type { Watchtower } from "./watchtower.ts";

/** States on one connection: each costs three signatures to check and a write. */
const STATES = { burst: 256, perSecond: 64 };
/** A connection on which nothing is left for so long is ended; milliseconds. */
const IDLE_MS = 5 * 60_000;

/**
 * Answers those who leave states, on one connection. A buyer speaks to a watchtower as to a provider: it attaches, and
 * is shown the newest state that is held.
 * @param failed hears of what is this side's own fault
 */
export function serveTower(
  connection: Connection,
  tower: Pick<Watchtower, "take">,
  failed: (error: unknown) => void,
): void {
  const states = new Allowance({ ...STATES, now: () => performance.now() });
  const end = () => void connection.close("watchtower/no-state", `Nothing was left within ${IDLE_MS} ms.`);
  let idle = setTimeout(end, IDLE_MS);
  void connection.closed.then(() => clearTimeout(idle));

  const take = async (attach: Attach) => {
    if (!states.take()) {
      throw new DemecError("watchtower/too-many-requests", `More than ${STATES.perSecond} states a second came.`, {
        details: STATES,
      });
    }
    const full = await tower.take(attach, connection.handshakeHash);
    connection.send({ type: "attached", handle: attach.handle, newest: { full, half: null } });
  };

  connection.onMessage((frame) => {
    if (frame.type !== "attach") return;
    clearTimeout(idle);
    idle = setTimeout(end, IDLE_MS);
    void take(frame).catch((error) => {
      const known = isDemecError(error);
      if (!known) failed(error);
      const code = known ? error.code : "watchtower/internal";
      const message = known ? error.message : "The watchtower failed to answer.";
      connection.send({ type: "refuse", regarding: "attach", id: frame.handle, code, message });
    });
  });
}
