// Provides a service from this tab: the page's address names what it needs.
//   ?service=eip155:…/erc1155:…/1&deployment=<JSON of the deployment>&rpc=<URL>&guides=<JSON of [{ url, publicKey }]>
import { claimOf, getService, parseDeployment } from "@demec/chain";
import { BrowserNode, type Guide } from "@demec/network/browser";
import { startTab, type Tab } from "@demec/provider/browser";
import { createWalletClient, custom, type EIP1193Provider, formatUnits } from "viem";
import { requestAddresses } from "viem/actions";

const STAKE = 5_000n * 10n ** 18n;
const OPERATOR_GAS = 10n ** 16n;
const LOOK_MS = 1_000;

const query = new URLSearchParams(location.search);
const deployment = parseDeployment(query.get("deployment")!);
const serviceId = BigInt(query.get("service")!.split("/").at(-1)!);
const guides = JSON.parse(query.get("guides")!) as Guide[];

const element = <T extends Element>(selector: string) => document.querySelector<T>(selector)!;
const [start, stop] = [element<HTMLButtonElement>("#start"), element<HTMLButtonElement>("#stop")];
const say = (text: string) => {
  element("[role=status]").textContent = text;
};

async function provide(): Promise<void> {
  const [file] = element<HTMLInputElement>("input").files!;
  if (file === undefined) return say("Choose the service's module first.");
  start.disabled = true;
  try {
    say("Asking your wallet …");
    const transport = custom((window as unknown as { ethereum: EIP1193Provider }).ethereum);
    const [account] = await requestAddresses(createWalletClient({ transport }));
    const ownerWallet = createWalletClient({ transport, account: account! });
    const tab = await startTab({
      ...{ deployment, ownerWallet, serviceIds: [serviceId], regions: [], stake: STAKE, operatorGas: OPERATOR_GAS },
      rpcUrls: [query.get("rpc")!],
      network: (seed) => BrowserNode.create({ guides, seed }),
      modules: async () => new Uint8Array(await file.arrayBuffer()),
    });
    stop.disabled = false;
    stop.onclick = () => tab.drain(10_000).then(() => tab.stop());
    say("Open for business. Keep this tab open.");
    const { paymentToken } = await getService(ownerWallet, deployment, serviceId);
    const earned = () => claimOf(ownerWallet, deployment, { token: paymentToken, account: tab.owner });
    const showing = setInterval(() => void earned().then((units) => show(tab, units)), LOOK_MS);
    await tab.ended;
    clearInterval(showing);
    say("Stopped. Sessions that are open go on when you start again.");
  } catch (error) {
    say((error as Error).message);
  } finally {
    start.disabled = false;
    stop.disabled = true;
  }
}

function show(tab: Tab, units: bigint): void {
  const { openSessions, unsignedCredits, calls } = tab.status();
  const rows = {
    "Node key": tab.nodeKey,
    Operator: tab.operator,
    "Open sessions": openSessions,
    "Calls that ended well": calls.ends.ok,
    "Credits at risk": formatUnits(unsignedCredits, 18),
    "Earned, to be withdrawn": `${units} units`,
  };
  const cells = Object.entries(rows).flatMap(([name, value]) => [
    Object.assign(document.createElement("dt"), { textContent: name }),
    Object.assign(document.createElement("dd"), { textContent: String(value) }),
  ]);
  element("dl").replaceChildren(...cells);
}

start.onclick = () => void provide();
