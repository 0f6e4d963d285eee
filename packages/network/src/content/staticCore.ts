import { type ContentReference, type Hex, sha256 } from "@demec/protocol";
import { MerkleTree, MerkleTreeBatch, type Tree } from "hypercore/lib/merkle-tree.js";
import type { CoreData, CoreManifest, CoreRequest, TreeNode } from "hypercore/lib/messages.js";
import Verifier from "hypercore/lib/verifier.js";
import { crypto_generichash } from "sodium-universal";
import { fromHex, toHex } from "../hex.ts";
import { encodeManifest, splitBlocks } from "./manifest.ts";

/** Name under which a core's key is hashed to what its holders announce. */
const HYPERCORE = new TextEncoder().encode("hypercore");

/** What the holders of a core announce, and what its channels are called: tells who doesn't know the key nothing. */
export function discoveryKeyOf(coreKey: Hex): Uint8Array {
  const key = new Uint8Array(32);
  crypto_generichash(key, HYPERCORE, fromHex(coreKey));
  return key;
}

/**
 * One content as a core in memory, to be served to whoever asks as Hypercore does. Nobody signs it: its key is the hash of a
 * manifest that names the hash of its tree, so that the same bytes are always the same core.
 */
export class StaticCore {
  readonly content: ContentReference;
  readonly manifest: CoreManifest;
  /** Blocks of it, with the one that says what they are. */
  readonly length: number;
  readonly bytes: Uint8Array;
  readonly #blocks: readonly Uint8Array[];
  readonly #tree: Tree;

  constructor(bytes: Uint8Array) {
    const hash = sha256(bytes);
    this.bytes = bytes;
    this.#blocks = [encodeManifest({ sha256: hash, length: bytes.length }), ...splitBlocks(bytes)];
    this.length = this.#blocks.length;
    const nodes = new Map<number, TreeNode>();
    const reader = { getTreeNode: async (index: number) => nodes.get(index) ?? null, tryFlush() {} };
    const storage = { read: () => reader };
    const common = { fork: 0, signature: null, prologue: null, storage };
    const batch = new MerkleTreeBatch({ ...common, length: 0, byteLength: 0, roots: [] });
    for (const block of this.#blocks) batch.append(block);
    for (const node of batch.nodes) nodes.set(node.index, node);
    const { roots, byteLength } = batch;
    this.#tree = { ...common, length: this.length, byteLength, roots };
    this.manifest = {
      ...{ version: 1, hash: "blake2b", allowPatch: false, quorum: 0, signers: [], linked: null, userData: null },
      prologue: { hash: batch.hash(), length: this.length },
    };
    const coreKey = toHex(Verifier.manifestHash(this.manifest));
    this.content = { coreKey, sha256: toHex(hash), length: bytes.length };
  }

  /** What was asked for, with what proves that it is the core's; null for what it doesn't have. */
  async prove(request: CoreRequest): Promise<CoreData | null> {
    try {
      const { fork, block, hash, seek, id } = request;
      const value = block && this.#blocks[block.index];
      // Who wants all of a content neither repairs trees nor looks for a byte.
      if (fork !== 0 || hash !== null || seek !== null || value === undefined) return null;
      const proof = await (await MerkleTree.proof(this.#tree, this.#tree.storage.read(), request)).settle();
      const proven = proof.block && value && { ...proof.block, value };
      return { ...proof, request: id, block: proven, manifest: request.manifest ? this.manifest : null };
    } catch {
      // What Hypercore's tree throws at a request that nobody honest makes.
      return null;
    }
  }
}
