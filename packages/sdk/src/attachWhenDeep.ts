import { isDemecError } from "@demec/protocol";
import type { PaidSession } from "./paidSession.ts";
import type { ProviderLink } from "./providerLink.ts";

/** Attempts to attach a session for which it is too early, and the time between them; milliseconds. */
const ATTACH_TRIES = 30;
const ATTACH_PAUSE_MS = 1_000;

/** Refusals of an attachment that time will change: the chain goes on, a flood of strangers ebbs. */
const TOO_EARLY = new Set(["provider/session-too-shallow", "provider/too-many-requests"]);

/** Attaches, waiting while the provider finds it too early. @throws as `PaidSession.attach` */
export async function attachWhenDeep(session: PaidSession, link: ProviderLink): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await session.attach(link);
    } catch (error) {
      const isEarly = isDemecError(error, "sdk/refused") && TOO_EARLY.has(String(error.details.code));
      if (!isEarly || tries === ATTACH_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, ATTACH_PAUSE_MS));
    }
  }
}
