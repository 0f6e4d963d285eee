// Buys credits of a service with the visitor's wallet, and sells them back: the page's address names what it needs.
//   ?service=eip155:…/erc1155:…/1&deployment=<JSON of the deployment>
import { approveExact, buyCredits, parseDeployment, quoteBuy, quoteSell, sellCredits } from "@demec/chain";
import { contractsAt, fromSigner } from "@demec/chain/ethers";
import { BrowserProvider, type Eip1193Provider, formatUnits } from "ethers";

const ONE_CREDIT = 10n ** 18n;
const query = new URLSearchParams(location.search);
const deployment = parseDeployment(query.get("deployment")!);
const serviceId = BigInt(query.get("service")!.split("/").at(-1)!);

const provider = new BrowserProvider((window as unknown as { ethereum: Eip1193Provider }).ethereum);
const signer = await provider.getSigner();
// What deMEC's actions take; for everything else there are the contracts, with TypeChain's types.
const wallet = await fromSigner(signer);
const { accessToken, market } = contractsAt(deployment, signer);
const [token] = await market.listingOf(serviceId);

async function buy(): Promise<void> {
  const { cost } = await quoteBuy(wallet, deployment, { serviceId, credits: ONE_CREDIT });
  await approveExact(wallet, deployment, { token: token as `0x${string}`, spender: deployment.market, amount: cost });
  await buyCredits(wallet, deployment, { serviceId, credits: ONE_CREDIT, maxCost: cost });
}

async function sell(): Promise<void> {
  const minProceeds = await quoteSell(wallet, deployment, { serviceId, credits: ONE_CREDIT });
  await sellCredits(wallet, deployment, { serviceId, credits: ONE_CREDIT, minProceeds });
}

const balance = document.createElement("output");
const button = (label: string, trade: () => Promise<void>) => {
  const made = Object.assign(document.createElement("button"), { textContent: label });
  made.onclick = () => trade().then(show);
  return made;
};
async function show(): Promise<void> {
  balance.textContent = `${Number(formatUnits(await accessToken.balanceOf(signer, serviceId), 18))} credits`;
}
document.querySelector("#app")!.append(balance, button("Buy", buy), button("Sell", sell));
await show();
