// What a page does that looks for providers by itself.
import { BrowserNode, type Guide } from "@demec/network/browser";

export async function callAll(guides: readonly Guide[], topic: Uint8Array) {
  const node = await BrowserNode.create({ guides });
  const found: { publicKey: string; carrier: string }[] = [];
  for await (const { publicKey } of node.lookup(topic)) {
    const connection = await node.connect(publicKey);
    found.push({ publicKey, carrier: connection.carrier });
  }
  await node.close();
  return found;
}
