import { type ContentReference, DemecError, type Hex } from "@demec/protocol";
import type { ContentPort } from "./content.ts";
import type { LightGuard } from "./lightGuard.ts";
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
  readonly guard: LightGuard;
  /** One for each watchtower. */
  readonly feeds: readonly TowerFeed[];
  /** Fires when the client lets go of everything: nothing more is done in the background. */
  readonly released: AbortSignal;
}

/** @throws sdk/no-content-store */
export function contentOf({ content }: Pick<BuyerContext, "content">): ContentPort {
  if (content !== undefined) return content;
  throw new DemecError("sdk/no-content-store", "This client has no store of content.");
}

/** Bytes for providers to fetch; they stay until newer ones want the room. @throws sdk/no-content-store */
export async function keep(context: BuyerContext, bytes: Uint8Array): Promise<ContentReference> {
  const store = contentOf(context);
  const content = await store.put(bytes);
  await store.unpin(content);
  return content;
}
