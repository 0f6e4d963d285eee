// node client.ts <url> <token> <input>: one call of a service behind a gateway, paid for by x402. Of deMEC it needs nothing.
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { decodePaymentResponseHeader, wrapFetchWithPayment, x402Client } from "@x402/fetch";
import { privateKeyToAccount } from "viem/accounts";

const [url, asset, body] = process.argv.slice(2) as [string, string, string];
const network = `eip155:${process.env.CHAIN_ID ?? 31337}` as const;
const account = privateKeyToAccount(process.env.PRIVATE_KEY as `0x${string}`);

const client = new x402Client()
  .register(network, new ExactEvmScheme(account))
  // Which token may be spent, and how much on one call: here 0.10 of a token with 6 decimals.
  .setSpendControls({ allowedAssets: [{ network, asset, maxAmountPerPayment: "100000" }] });

const response = await wrapFetchWithPayment(fetch, client)(url, { method: "POST", body });
console.log(await response.text());
const paid = response.headers.get("payment-response");
if (paid !== null) console.error(`paid in transaction ${decodePaymentResponseHeader(paid).transaction}`);
process.exitCode = response.ok ? 0 : 1;
