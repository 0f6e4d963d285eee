// The service worker: answers the page's fetches below /demec/ by calls that the visitor's wallet pays.
import { parseDeployment } from "@demec/chain";
import { answerFetches } from "@demec/sdk/service-worker";

const query = new URL(globalThis.location.href).searchParams;
answerFetches({
  deployment: parseDeployment(query.get("deployment")!),
  rpcUrls: [query.get("rpc")!],
  guides: JSON.parse(query.get("guides")!),
  services: { service: { service: query.get("service")!, budget: 1_000_000n } },
});
