// What HTTP does with the same bytes: takes a body and answers with eight bytes, or gives as many as the path says.
import { createServer } from "node:http";
import { ownCpuMicros } from "../network/processCpu.ts";

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => response.end(Buffer.alloc(request.method === "GET" ? Number(request.url!.slice(1)) : 8)));
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
process.on("message", () => process.send!(ownCpuMicros()));
process.once("disconnect", () => process.exit());
process.send!((server.address() as { port: number }).port);
