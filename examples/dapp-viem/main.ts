// Buys credits of a service with the visitor's wallet, calls it from the page, and sells back: the page's address names what
// it needs.
//   ?service=eip155:…/erc1155:…/1&rpc=<JSON-RPC endpoint>&deployment=<JSON of the deployment>&guides=<JSON of guides>
import { parseDeployment } from "@demec/chain";
import { connect } from "@demec/sdk/browser";
import { type EIP1193Provider, formatUnits } from "viem";

const ONE_CREDIT = 10n ** 18n;
const query = new URLSearchParams(location.search);
const demec = await connect({
  wallet: (window as unknown as { ethereum: EIP1193Provider }).ethereum,
  rpcUrls: [query.get("rpc")!],
  deployment: parseDeployment(query.get("deployment")!),
  guides: JSON.parse(query.get("guides")!),
});
const service = await demec.service(query.get("service")!, { budget: 1_000_000n });

const shown = document.createElement("output");
const button = (label: string, act: () => Promise<unknown>) => {
  const made = Object.assign(document.createElement("button"), { textContent: label });
  made.onclick = () => act();
  return made;
};
async function showCredits(): Promise<void> {
  shown.textContent = `${formatUnits(await service.credits(), 18)} credits`;
}
async function call(): Promise<void> {
  shown.textContent = new TextDecoder().decode(await service.call("hello, edge"));
}
document.querySelector("#app")!.append(
  shown,
  button("Buy", async () => service.buy(ONE_CREDIT, await service.quote(ONE_CREDIT)).then(showCredits)),
  button("Sell", () => service.sell(ONE_CREDIT).then(showCredits)),
  button("Call", call),
);
await showCredits();
