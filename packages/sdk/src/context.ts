import type { Hex } from "@demec/protocol";
import type { DemecOptions } from "./options.ts";
import type { PaidSession } from "./paidSession.ts";
import type { ProviderHistory } from "./providerHistory.ts";
import type { RelayFinder } from "./relays.ts";
import type { Turns } from "./turns.ts";
import type { TowerFeed } from "./watchtower/towerFeed.ts";

/** What the services of one client share. */
export interface BuyerContext extends DemecOptions {
  /** The wallet's transactions: an approval and the purchase that it is for belong together, and nonces are in order. */
  readonly spending: Turns;
  /**
   * Sessions that this client has taken up, null while one is being restored. They stay here once they are released:
   * two engines of one session would contradict each other.
   */
  readonly taken: Map<Hex, PaidSession | null>;
  readonly history: ProviderHistory;
  readonly relays: RelayFinder;
  /** One for each watchtower. */
  readonly feeds: readonly TowerFeed[];
  /** Fires when the client lets go of everything: nothing more is done in the background. */
  readonly released: AbortSignal;
}
