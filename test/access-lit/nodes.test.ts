// A network of Lit nodes: what its threshold is good for, how it knows who asks, and what its client must not tell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { format } from "node:util";
import { litNodes } from "@demec/access-lit";
import { privateKeyToAccount } from "viem/accounts";
import { type Members, startMembers } from "../access/stage.ts";
import { testKey } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";
import { startNodes } from "./backends.ts";
import { testDecisions } from "./decisions.ts";
import { CHAIN_NAME } from "./litNetwork.ts";
import { loadLit, requireBeside, skipLit } from "./litPackage.ts";
import { checkSession, type SessionSignature } from "./sessionCheck.ts";

interface AuthParameters {
  readonly uri: string;
  readonly nonce: string;
  readonly expiration: string;
  readonly resourceAbilityRequests: readonly object[];
}

const ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";
const CALLER = {
  audience: "eip155:31337/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/1",
  subject: ACCOUNT,
} as const;
const SECRET = new TextEncoder().encode("hunter2");

const { abi: VALIDATORS } = JSON.parse(
  readFileSync(new URL("../../artifacts/contracts/test/LitValidators.sol/LitValidators.json", import.meta.url), "utf8"),
);

// What is printed from now on comes here: the client is not loaded yet.
const printed: string[] = [];
const { log, info, debug, warn, error } = console;
const listen = (...line: unknown[]) => void printed.push(format(...line));
before(() => Object.assign(console, { log: listen, info: listen, debug: listen, warn: listen, error: listen }));
after(() => Object.assign(console, { log, info, debug, warn, error }));

describe("what Lit nodes decide", { skip: skipLit }, () => testDecisions(startNodes));

describe("a Lit network", { skip: skipLit }, () => {
  let stage: Members;
  before(async () => {
    stage = await startMembers();
  });
  after(() => stage.market.connection.close());

  const reader = () => ({ owner: stage.owner.account.address, nodeKey: `0x${"11".repeat(32)}` }) as const;
  const situationOf = ({ account }: Members["member"]) => ({
    account: account.address,
    ...{ serviceId: stage.serviceId, provider: stage.owner.account.address },
  });

  test("decrypts with one node of three away; with two away nothing can be said, which shows nobody out", async (t) => {
    const { backend, network, stop } = await startNodes(stage.market);
    t.after(stop);
    const lit = backend(1);
    const box = await lit.sealer.seal(SECRET, CALLER, [reader()]);
    const open = () => lit.opener(reader().owner).open(box, CALLER);
    assert.deepEqual(await open(), SECRET);
    await network.nodes[0]!.stop();
    assert.deepEqual(await open(), SECRET);
    assert.equal(await lit.oracle(stage.condition, situationOf(stage.member)), true);
    await network.nodes[1]!.stop();
    await refusedWith("lit/unavailable", open());
    await refusedWith("lit/unavailable", lit.oracle(stage.condition, situationOf(stage.member)));
  });

  test("is signed in to once by those who ask at the same time", async (t) => {
    let signIns = 0;
    const load = () => {
      signIns++;
      return loadLit();
    };
    const { backend, stop } = await startNodes(stage.market, 0, load);
    t.after(stop);
    const lit = backend(1);
    const asked = [1, 2, 3].map(() => lit.oracle(stage.condition, situationOf(stage.member)));
    assert.deepEqual(await Promise.all(asked), [true, true, true]);
    assert.equal(signIns, 1);
  });

  test("one node that signs whatever it is asked gives nothing away; it takes as many as the threshold", async (t) => {
    for (const [lying, isOpen] of [
      [1, false],
      [2, true],
    ] as const) {
      const { backend, stop } = await startNodes(stage.market, lying);
      t.after(stop);
      const stranger = backend(9);
      assert.equal(await stranger.oracle(stage.condition, situationOf(stage.stranger)), isOpen);
      const box = await stranger.sealer.seal(SECRET, CALLER, [reader()]);
      const opening = stranger.opener(reader().owner).open(box, CALLER);
      if (isOpen) assert.deepEqual(await opening, SECRET);
      else await refusedWith("access/sealed-to-others", opening);
    }
  });

  test("the signature that decrypts, which the client prints, is in no log; what else is printed still is", async (t) => {
    const { backend, stop } = await startNodes(stage.market);
    t.after(stop);
    const lit = backend(1);
    const box = await lit.sealer.seal(SECRET, CALLER, [reader()]);
    printed.length = 0;
    assert.deepEqual(await lit.opener(reader().owner).open(box, CALLER), SECRET);
    assert.deepEqual(
      printed.filter((line) => /signature|[0-9a-f]{192}/i.test(line)),
      [],
    );
    console.log("a line of somebody else's");
    assert.equal(printed.at(-1), "a line of somebody else's");
  });

  test("the nodes here take the sessions that Lit's own client signs as they take ours", async (t) => {
    const { chain, network, stop } = await startNodes(stage.market);
    t.after(stop);
    const { LitNodeClientNodeJs } = await loadLit();
    const { LitAccessControlConditionResource, createSiweMessage } = requireBeside("@lit-protocol/auth-helpers") as {
      LitAccessControlConditionResource: new (resource: string) => object;
      createSiweMessage(parameters: object): Promise<string>;
    };
    const client = new LitNodeClientNodeJs({
      ...{
        litNetwork: "custom",
        rpcUrl: chain.url,
        nodeProtocol: "http://",
        checkNodeAttestation: false,
        debug: false,
      },
      contractContext: { Staking: { address: network.staking, abi: VALIDATORS } },
    }) as unknown as {
      connect(): Promise<void>;
      disconnect(): Promise<void>;
      getSessionSigs(parameters: object): Promise<Record<string, SessionSignature>>;
    };
    t.after(() => client.disconnect());
    await client.connect();
    const account = privateKeyToAccount(testKey(1));
    const expiration = new Date(Date.now() + 60_000).toISOString();
    const resource = new LitAccessControlConditionResource("*");
    const signatures = await client.getSessionSigs({
      ...{ chain: "ethereum", expiration },
      resourceAbilityRequests: [{ resource, ability: "access-control-condition-decryption" }],
      authNeededCallback: async ({ uri, nonce, expiration, resourceAbilityRequests: resources }: AuthParameters) => {
        const walletAddress = account.address;
        const signedMessage = await createSiweMessage({
          walletAddress,
          uri,
          expiration,
          resources,
          nonce,
          litNodeClient: client,
        });
        const sig = await account.signMessage({ message: signedMessage });
        return { sig, derivedVia: "web3.eth.personal.sign", signedMessage, address: account.address };
      },
    });
    const isBlock = async () => true;
    const [[node, signature], [otherNode]] = Object.entries(signatures) as [
      [string, SessionSignature],
      [string, unknown],
    ];
    assert.equal(await checkSession(signature, { node, isBlock }), account.address);
    await assert.rejects(checkSession(signature, { node: otherNode, isBlock }), /node is wrong/);
    const forged = { ...signature, signedMessage: signature.signedMessage.replace(node, otherNode) };
    await assert.rejects(checkSession(forged, { node: otherNode, isBlock }), /signature is wrong/);
  });
});

test("without the optional peer, the error says how to install it", async () => {
  const lit = litNodes({
    ...{ chain: CHAIN_NAME, rpcUrl: "http://127.0.0.1:1", litStaking: `0x${"22".repeat(20)}` },
    deployment: { staking: `0x${"33".repeat(20)}` } as never,
    account: privateKeyToAccount(testKey(1)),
  });
  const situation = { account: ACCOUNT, serviceId: 1n, provider: ACCOUNT } as const;
  await assert.rejects(lit.oracle({ type: "erc20", token: ACCOUNT, atLeast: 1n }, situation), {
    code: "lit/not-installed",
    next: "npm install @lit-protocol/lit-node-client@7.4.0",
  });
  await lit.close();
});
