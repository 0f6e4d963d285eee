
import { Node } from "@demec/network";
import { serviceIdIn } from "@demec/sdk";
import * as demec from "@demec/sdk/actions";
import { settingsFrom } from "@demec/sdk/node";
import { createWalletClient, http } from "viem";
import { generatePrivateKey, privateKeyToAddress, privateKeyToAccount } from "viem/accounts";

const { deployment, rpcUrl, network: options } = settingsFrom(process.env, {});
const wallet = createWalletClient({
  transport: http(rpcUrl),
  account: privateKeyToAccount(process.env.DEMEC_PRIVATE_KEY as `0x${string}`),
});
const serviceId = serviceIdIn(deployment, process.argv[2]!);
const credits = 10n ** 18n;

// Market
const { paymentToken } = await demec.getService(wallet, deployment, serviceId);
const { cost } = await demec.quoteBuy(wallet, deployment, { serviceId, credits });
await demec.approveExact(wallet, deployment, { token: paymentToken, spender: deployment.market, amount: cost });
await demec.buyCredits(wallet, deployment, { serviceId, credits, maxCost: cost });

// Channel: whom to ask is yours to choose
const network = await Node.create(options);
const [owner] = await demec.listEnrolledProviders(wallet, deployment, serviceId);
const channel = await demec.connectProvider(wallet, deployment, { network, owner: owner! });
const buyer = wallet.account.address;
const offer = await demec.requestOffer(channel, deployment, { serviceId, buyer, credits });

// Session: the session key signs for the wallet from here on; keep it until the session is settled
const sessionPrivateKey = generatePrivateKey();
const sessionKey = privateKeyToAddress(sessionPrivateKey);
const minValue = await demec.quoteSell(wallet, deployment, { serviceId, credits });
const opened = await demec.openSession(wallet, deployment, { ...offer, credits, sessionKey, minValue });
const { sessionId, params } = opened;
const session = await demec.attachSession(wallet, deployment, { channel, network, sessionId, sessionPrivateKey });
const metadata = await demec.getServiceMetadata(wallet, deployment, serviceId);
const { output, status } = await demec.callSession(session, { input: "hello, layers", metadata });
console.log(status, new TextDecoder().decode(output));

const signed = await session.finalise(15_000);
const { buyerAmount } = await demec.closeSession(wallet, deployment, { params, signed });
console.log(buyerAmount > 0n);
await demec.withdrawClaim(wallet, deployment, { token: paymentToken });
await session.release();
await network.close();
export {};
