// How a Lit node knows who asks: a session key signs what is asked of this node, and an account signed for the key.
import { ed25519 } from "@noble/curves/ed25519.js";
import { type Address, getAddress, hexToBytes, recoverMessageAddress } from "viem";
import { parseSiweMessage } from "viem/siwe";

export interface SessionSignature {
  readonly sig: string;
  readonly signedMessage: string;
  readonly address: string;
  readonly algo: string;
}

const PREFIX = "lit-accesscontrolcondition";
const ABILITY = "access-control-condition-decryption";

/** @returns the account. @throws Error naming what is wrong */
export async function checkSession(
  { sig, signedMessage, address: sessionKey, algo }: SessionSignature,
  { node, isBlock }: { readonly node: string; readonly isBlock: (hash: string) => Promise<boolean> },
): Promise<Address> {
  const demand = (holds: boolean, what: string) => {
    if (!holds) throw new Error(`The session's ${what} is wrong.`);
  };
  const bytes = (hex: string) => hexToBytes(`0x${hex}`);
  demand(algo === "ed25519", "algorithm");
  demand(ed25519.verify(bytes(sig), new TextEncoder().encode(signedMessage), bytes(sessionKey)), "signature");
  const message = JSON.parse(signedMessage);
  demand(message.sessionKey === sessionKey, "key");
  demand(message.nodeAddress === node, "node");
  demand(Date.parse(message.issuedAt) <= Date.now() + 5_000 && Date.now() < Date.parse(message.expiration), "time");
  const allowed = message.resourceAbilityRequests.some(
    ({ resource, ability }: { resource: { resource: string; resourcePrefix: string }; ability: string }) =>
      resource.resourcePrefix === PREFIX && resource.resource === "*" && ability === ABILITY,
  );
  demand(allowed, "request");

  const [capability] = message.capabilities;
  const says = parseSiweMessage(capability.signedMessage);
  const account = getAddress(capability.address);
  const signer = await recoverMessageAddress({ message: capability.signedMessage, signature: capability.sig });
  demand(signer === account && says.address === account, "account");
  demand(says.uri === `lit:session:${sessionKey}`, "delegation");
  demand(says.expirationTime !== undefined && Date.now() < says.expirationTime.getTime(), "delegation's time");
  demand(await isBlock(says.nonce ?? ""), "nonce");
  const recap = says.resources?.find((resource) => resource.startsWith("urn:recap:"))?.slice("urn:recap:".length);
  const { att } = JSON.parse(Buffer.from(recap ?? "", "base64url").toString());
  demand(att[`${PREFIX}://*`]?.["Threshold/Decryption"] !== undefined, "capability");
  // EIP-5573: the person read what the machine takes it to mean.
  demand(says.statement?.includes(`(1) 'Threshold': 'Decryption' for '${PREFIX}://*'.`) ?? false, "statement");
  return account;
}
