// Fetches what a service makes of an input, from an address of this site: its service worker calls a provider and pays it.
// The page's address names what the worker needs, and becomes part of the worker's.
//   ?service=eip155:…/erc1155:…/1&deployment=<JSON of the deployment>&rpc=<URL>&guides=<JSON of [{ url, publicKey }]>
import type { InjectedWallet } from "@demec/sdk/browser";
import { registerDemec } from "@demec/sdk/service-worker";

const element = <T extends Element>(selector: string) => document.querySelector<T>(selector)!;
const say = (text: string) => {
  element("[role=status]").textContent = text;
};

async function show(): Promise<void> {
  say("Fetching …");
  const body = element<HTMLTextAreaElement>("textarea").value;
  const answer = await fetch("/demec/service", { method: "POST", body });
  if (!answer.ok) {
    const { detail, code } = await answer.json();
    return say(`${detail ?? code}`);
  }
  element("output").textContent = await answer.text();
  const [cached, credits] = [answer.headers.has("demec-cached"), answer.headers.get("demec-credits")];
  say(cached ? "From before, and free." : `Paid: ${Number(credits) / 1e18} credits.`);
}

const { ethereum: wallet } = window as unknown as { ethereum: InjectedWallet };
await registerDemec({ script: `/worker.js${location.search}`, wallet });
element("form").addEventListener("submit", (event) => {
  event.preventDefault();
  show().catch((error: Error) => say(error.message));
});
say("Ready.");
