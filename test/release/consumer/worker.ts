// What a site's service worker is; who pays and what it serves is in its own address.
import { parseDeployment } from "@demec/chain";
import { answerFetches } from "@demec/sdk/service-worker";
import { privateKeyToAccount } from "viem/accounts";

/** As JSON carries it. */
export interface Setting {
  readonly privateKey: `0x${string}`;
  readonly rpcUrl: string;
  readonly deployment: string;
  readonly guide: { readonly url: string; readonly publicKey: `0x${string}` };
  readonly service: string;
  readonly budget: string;
}

const told = new URL(globalThis.location.href).searchParams.get("setting");
const setting: Setting = JSON.parse(told!);
const { privateKey, rpcUrl, deployment, guide, service, budget } = setting;
answerFetches({
  ...{ rpcUrls: [rpcUrl], deployment: parseDeployment(deployment), guides: [guide] },
  wallet: privateKeyToAccount(privateKey),
  services: { shout: { service, budget: BigInt(budget) } },
});
