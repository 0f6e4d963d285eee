// Sends back what it gets, to pages of any origin; in a process of its own.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => response.setHeader("access-control-allow-origin", "*").end(Buffer.concat(chunks)));
});
server.listen(0, "127.0.0.1", () => process.send!(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`));
process.once("disconnect", () => process.exit());
