import { ed25519 } from "@noble/curves/ed25519.js";
import { base64url } from "jose";
import { bytesToHex, type LocalAccount } from "viem";
import { createSiweMessage } from "viem/siwe";

/** What shows the nodes who asks: for each node's URL a signature by an ephemeral key that the account has signed for. */
export type SessionSignatures = Readonly<Record<string, SessionSignature>>;

interface SessionSignature {
  readonly sig: string;
  readonly derivedVia: "litSessionSignViaNacl";
  readonly signedMessage: string;
  readonly address: string;
  readonly algo: "ed25519";
}

/** What a session allows: to decrypt, whatever the conditions. */
const RESOURCE = "lit-accesscontrolcondition";
const ABILITY = { siwe: "Decryption", lit: "access-control-condition-decryption" };
const RECAP = { att: { [`${RESOURCE}://*`]: { [`Threshold/${ABILITY.siwe}`]: [{}] } }, prf: [] };
/** EIP-5573 has the wallet's owner read what a session may do. */
const STATEMENT = `I further authorize the stated URI to perform the following actions on my behalf: (1) 'Threshold': '${ABILITY.siwe}' for '${RESOURCE}://*'.`;

export interface SessionParameters {
  readonly account: LocalAccount;
  readonly nodes: Iterable<string>;
  /** A block's hash, by which the nodes know that it is young. */
  readonly nonce: string;
  readonly issuedAt: Date;
  readonly expiry: Date;
}

/**
 * Signs in to the nodes. The client's own `getSessionSigs` asks public services of Lit's for a block, whatever the network.
 */
export async function signSession(parameters: SessionParameters): Promise<SessionSignatures> {
  const { account, nodes, nonce, issuedAt, expiry } = parameters;
  const secretKey = ed25519.utils.randomSecretKey();
  const sessionKey = bytesToHex(ed25519.getPublicKey(secretKey)).slice(2);
  const signedMessage = createSiweMessage({
    ...{ address: account.address, chainId: 1, domain: "localhost", version: "1", nonce, statement: STATEMENT },
    ...{ issuedAt, expirationTime: expiry, uri: `lit:session:${sessionKey}` },
    resources: [`urn:recap:${base64url.encode(JSON.stringify(RECAP))}`],
  });
  const capability = {
    sig: await account.signMessage({ message: signedMessage }),
    derivedVia: "web3.eth.personal.sign",
    signedMessage,
    address: account.address,
  };
  const says = {
    sessionKey,
    resourceAbilityRequests: [{ resource: { resource: "*", resourcePrefix: RESOURCE }, ability: ABILITY.lit }],
    capabilities: [capability],
    issuedAt: issuedAt.toISOString(),
    expiration: expiry.toISOString(),
  };
  const signFor = (nodeAddress: string): SessionSignature => {
    const message = JSON.stringify({ ...says, nodeAddress });
    const sig = bytesToHex(ed25519.sign(new TextEncoder().encode(message), secretKey)).slice(2);
    return { sig, derivedVia: "litSessionSignViaNacl", signedMessage: message, address: sessionKey, algo: "ed25519" };
  };
  return Object.fromEntries([...nodes].map((node) => [node, signFor(node)]));
}
