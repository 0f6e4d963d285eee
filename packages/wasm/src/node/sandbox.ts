import { isDemecError } from "@demec/protocol/errors";
import { bubblewrapLauncher } from "./bubblewrap.ts";
import { type Launcher, plainLauncher } from "./launcher.ts";

let best: Launcher | undefined;

/** The strongest sandbox that works on this machine; without any, what Node itself can hold. Tried once for a process. */
export function bestLauncher(): Launcher {
  if (best === undefined) {
    try {
      best = bubblewrapLauncher();
    } catch (error) {
      if (!isDemecError(error)) throw error;
      best = plainLauncher(String(error.details?.reason));
    }
  }
  return best;
}
