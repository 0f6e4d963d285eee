import { DemecError } from "@demec/protocol";
import { type DBSchema, type IDBPDatabase, type OpenDBCallbacks, openDB } from "idb";

/** How a database came to be what it is: step n brings one of version n to version n + 1. Steps are added, never changed. */
export type Upgrades<Schema extends DBSchema> = readonly ((db: IDBPDatabase<Schema>) => void)[];

/**
 * Opens a database of this origin, and brings an older one up to date.
 * @param onLost hears that the browser has closed it, as when the visitor clears the site's data; or that a newer version of
 * the page wants it, for which it has been closed
 * @throws session/insecure-page, session/journal-failed, also where a newer version of the page has written it
 */
export async function openDatabase<Schema extends DBSchema>(
  name: string,
  upgrades: Upgrades<Schema>,
  onLost: (cause: DemecError) => void,
): Promise<IDBPDatabase<Schema>> {
  assertSecure();
  const lost = (why: string) =>
    onLost(new DemecError("session/journal-failed", `Database "${name}" was closed: ${why}.`));
  const callbacks: OpenDBCallbacks<Schema> = {
    upgrade: (db, oldVersion) => {
      for (const step of upgrades.slice(oldVersion)) step(db);
    },
    blocking: (_current, _wanted, { target }) => {
      (target as IDBDatabase).close();
      lost("a newer version of the page wants it, or it is being deleted");
    },
    terminated: () => lost("the browser took it away"),
  };
  try {
    return await openDB<Schema>(name, upgrades.length, callbacks);
  } catch (cause) {
    const why = nameOf(cause) === "VersionError" ? "was written by a newer version of this page" : "couldn't be opened";
    throw new DemecError("session/journal-failed", `Database "${name}" ${why}.`, { cause, details: { name } });
  }
}

/** Locks and keys are for pages that nobody on the way can have changed. @throws session/insecure-page */
export function assertSecure(): void {
  if (globalThis.isSecureContext) return;
  throw new DemecError("session/insecure-page", `The browser keeps no keys for ${globalThis.location?.origin}.`, {
    details: { origin: globalThis.location?.origin },
  });
}

const nameOf = (cause: unknown) => (cause as Error | null)?.name;
