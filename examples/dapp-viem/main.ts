// Buys credits of a service with the visitor's wallet, and sells them back: the page's address names what it needs.
//   ?service=eip155:…/erc1155:…/1&deployment=<JSON of the deployment>
import {
  approveExact,
  buyCredits,
  creditsOf,
  getService,
  parseDeployment,
  quoteBuy,
  quoteSell,
  sellCredits,
} from "@demec/chain";
import { createWalletClient, custom, type EIP1193Provider, formatUnits } from "viem";
import { requestAddresses } from "viem/actions";

const ONE_CREDIT = 10n ** 18n;
const query = new URLSearchParams(location.search);
const deployment = parseDeployment(query.get("deployment")!);
const serviceId = BigInt(query.get("service")!.split("/").at(-1)!);

const transport = custom((window as unknown as { ethereum: EIP1193Provider }).ethereum);
const [account] = await requestAddresses(createWalletClient({ transport }));
const wallet = createWalletClient({ transport, account: account! });
const { paymentToken } = await getService(wallet, deployment, serviceId);

async function buy(): Promise<void> {
  const { cost } = await quoteBuy(wallet, deployment, { serviceId, credits: ONE_CREDIT });
  await approveExact(wallet, deployment, { token: paymentToken, spender: deployment.market, amount: cost });
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
  const credits = await creditsOf(wallet, deployment, { serviceId, account: account! });
  balance.textContent = `${formatUnits(credits, 18)} credits`;
}
document.querySelector("#app")!.append(balance, button("Buy", buy), button("Sell", sell));
await show();
