import { statfs } from "node:fs/promises";
import { assertChain, type Deployment, type ReadClient } from "@demec/chain";
import type { Node } from "@demec/network";
import { isDemecError } from "@demec/protocol";
import type { LevelJournal } from "@demec/session/node";
import type { Executor } from "@demec/wasm/node";

/** What a provider can't do without. */
export type Part = "serving" | "chain" | "dht" | "executor" | "journal";

/** Whether it is there, and what was found. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
}
export type Health = Readonly<Record<Part, Finding>>;

export interface HealthOptions {
  readonly accepting: () => boolean;
  readonly client: ReadClient;
  readonly deployment: Deployment;
  readonly node: Pick<Node, "neighbours">;
  readonly executor: Pick<Executor, "status">;
  readonly journal: Pick<LevelJournal, "failed">;
  /** Folder of the journal. */
  readonly dataDir: string;
}

/** How long a finding is told again, so that nobody can make this machine busy by asking; milliseconds. */
const FRESH_MS = 1_000;
/** How long a part may take to answer; milliseconds. */
const PATIENCE_MS = 2_000;
/** A journal on a disk with less room than this is as good as full; bytes. */
const MIN_FREE_BYTES = 64 << 20;

/** Looks at every part when asked, at most once a second. */
export function healthReader(options: HealthOptions): () => Promise<Health> {
  let looking: Promise<Health> | null = null;
  let lookedAtMs = 0;
  return () => {
    if (looking === null || performance.now() - lookedAtMs > FRESH_MS) {
      lookedAtMs = performance.now();
      looking = look(options);
    }
    return looking;
  };
}

async function look(options: HealthOptions): Promise<Health> {
  const { accepting, client, deployment, node, executor, journal, dataDir } = options;
  const [chain, dht, journalFinding] = await Promise.all([
    finding(async () => {
      await assertChain(client, deployment);
      return `chain ${deployment.chainId} answers`;
    }),
    finding(async () => {
      const answered = await node.neighbours();
      if (answered === 0) throw new Error("no DHT node answers");
      return `${answered} DHT nodes answer`;
    }),
    finding(async () => {
      if (journal.failed) throw new Error("a write failed");
      const { bavail, bsize } = await statfs(dataDir);
      const free = bavail * bsize;
      if (free < MIN_FREE_BYTES) throw new Error(`${free} bytes are free`);
      return `${Math.floor(free / 2 ** 20)} MiB are free`;
    }),
  ]);
  const running = executor.status().lanes.filter(({ rssBytes }) => rssBytes > 0).length;
  return {
    serving: accepting() ? { ok: true, detail: "takes sessions" } : { ok: false, detail: "takes no new sessions" },
    chain,
    dht,
    executor: { ok: running > 0, detail: `${running} children run` },
    journal: journalFinding,
  };
}

/** What a look at one part found, within the time that an answer may take. @param look says what is well; throws what is not */
export async function finding(look: () => Promise<string>): Promise<Finding> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return { ok: true, detail: await Promise.race([look(), late]) };
  } catch (error) {
    const code = isDemecError(error) ? `${error.code}: ` : "";
    return { ok: false, detail: `${code}${error instanceof Error ? error.message : String(error)}` };
  } finally {
    clearTimeout(timer);
  }
}
