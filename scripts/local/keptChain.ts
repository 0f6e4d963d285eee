// Keeps a development chain over a kill of its process: whatever changes the chain is written to a file before it is done, and
// done again, at the times it was done, when the chain is started with that file. So the same chain comes back, and a
// transaction that the kill left without an answer is in it, as one that waits in the memory pool of a real node.
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { createServer } from "node:http";

interface Request {
  readonly id?: unknown;
  readonly method: string;
  readonly params?: readonly unknown[];
}
type Rpc = (method: string, params?: readonly unknown[]) => Promise<unknown>;

/** What changes the chain. Of these, those that only move its clock are not repeated: the blocks' times tell of them. */
const CHANGES = /^(eth_send|hardhat_|evm_)/;
const CLOCK = /^evm_(increaseTime|setNextBlockTimestamp|setTime)$/;

/** A line of the file: a request, and, where it lived to see it, what came of it. */
type Line = { readonly request: Request } | { readonly done: { readonly number: number; readonly timestamp: number } };

/**
 * Does again what the file tells of, then serves the chain at another address.
 * @param url of the chain, which nobody else knows
 * @param port 0: any free one
 * @returns the port
 */
export async function serveKept(url: string, file: string, host: string, port: number): Promise<number> {
  const call: Rpc = async (method, params = []) => {
    const { result, error } = await forward(url, { id: 1, method, params });
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  };
  await repeat(existsSync(file) ? readFileSync(file, "utf8") : "", call);
  const log = openSync(file, "a");
  const write = (line: Line) => writeSync(log, `${JSON.stringify(line)}\n`);

  let turn: Promise<unknown> = Promise.resolve();
  const change = (request: Request) => {
    const changed = turn.then(async () => {
      write({ request });
      const answer = await forward(url, request);
      write({ done: await newest(call) });
      return answer;
    });
    turn = changed.catch(() => undefined);
    return changed;
  };
  const answer = (request: Request) => (CHANGES.test(request.method) ? change(request) : forward(url, request));

  const server = createServer(async (incoming, outgoing) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const asked = JSON.parse(Buffer.concat(chunks).toString()) as Request | Request[];
      const body = await (Array.isArray(asked) ? Promise.all(asked.map(answer)) : answer(asked));
      outgoing.setHeader("content-type", "application/json").end(JSON.stringify(body));
    } catch (error) {
      outgoing.writeHead(500).end(String(error));
    }
  });
  server.once("close", () => closeSync(log));
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as { port: number }).port;
}

/** Afterwards the chain's clock shows the time of day and what was added to it, unless its blocks are ahead of that. */
async function repeat(text: string, call: Rpc): Promise<void> {
  // A kill may have cut the last line short: what it told of was not begun.
  const lines = text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
  let offset = 0;
  for (const [i, line] of lines.entries()) {
    if (!("request" in line)) continue;
    const { method, params = [] } = line.request;
    if (method === "evm_increaseTime") offset += Number(params[0]);
    if (CLOCK.test(method)) continue;
    const next = lines[i + 1];
    const done = next !== undefined && "done" in next ? next.done : undefined;
    const { number } = await newest(call);
    if (done !== undefined && done.number > number) await call("evm_setNextBlockTimestamp", [done.timestamp]);
    // What was refused then is refused again.
    await call(method, params).catch(() => undefined);
  }
  const late = Math.floor(Date.now() / 1000) + offset - (await newest(call)).timestamp;
  if (late > 0) await call("evm_increaseTime", [late]);
}

async function newest(call: Rpc): Promise<{ number: number; timestamp: number }> {
  const block = (await call("eth_getBlockByNumber", ["latest", false])) as { number: string; timestamp: string };
  return { number: Number(block.number), timestamp: Number(block.timestamp) };
}

async function forward(url: string, request: Request): Promise<{ result?: unknown; error?: unknown }> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", ...request }),
  });
  return (await response.json()) as { result?: unknown; error?: unknown };
}
