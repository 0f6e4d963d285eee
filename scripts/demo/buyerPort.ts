import { createInterface } from "node:readline";

/** What the buyer's process is told when it starts. */
export interface BuyerTask {
  readonly rpcUrl: string;
  readonly deploymentFile: string;
  readonly bootstrap: readonly { host: string; port: number }[];
  readonly privateKey: `0x${string}`;
  readonly dataDir: string;
  readonly region: string;
  readonly nearOwner: string;
  readonly farOwner: string;
  readonly thumbnail: string;
  readonly wordcount: string;
}

/** What it may ask of the world around it. */
export type Ask = { readonly ask: "kill-near" } | { readonly ask: "pass-time"; readonly until: string };

/** One thing that was checked. */
export interface Check {
  readonly what: string;
  readonly holds: boolean;
  readonly detail?: string;
}

const answers = createInterface(process.stdin)[Symbol.asyncIterator]();

/** Says a line of JSON on stdout, with bigints as decimal strings. */
export function say(line: object): void {
  console.log(JSON.stringify(line, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
}

/** Asks and waits until it is done. */
export async function ask(question: Ask): Promise<void> {
  say(question);
  const { done } = await answers.next();
  if (done) throw new Error("The demo went away.");
}
