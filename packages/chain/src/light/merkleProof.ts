import type { Hex } from "@demec/protocol";
import { fromRlp, hexToBytes, keccak256 } from "viem";

/** Nodes of a Merkle Patricia trie by their hashes. */
export type TrieNodes = ReadonlyMap<Hex, TrieNode>;
type TrieItem = Hex | readonly TrieItem[];
type TrieNode = readonly TrieItem[];

/** Root of a trie that holds nothing. */
const EMPTY_ROOT = keccak256("0x80");
/** Keys are hashes. */
const KEY_NIBBLES = 64;

/**
 * Hashes and decodes the nodes of proofs, each once: proofs of one trie share those near its root.
 * @throws Error where one is no node
 */
export function trieNodes(proofs: Iterable<Hex>): TrieNodes {
  const nodes = new Map<Hex, TrieNode>();
  for (const encoded of new Set(proofs)) {
    const node = fromRlp(encoded, "hex") as TrieItem;
    // An empty trie is proved by its one node, which is no list.
    if (typeof node !== "string") nodes.set(keccak256(encoded), node);
  }
  return nodes;
}

/**
 * Looks a key up in a trie of which only the nodes of a proof are known: Ethereum's yellow paper, appendix D.
 * @param key 32 bytes, hashed already
 * @returns what the trie holds there, null where the nodes prove that it holds nothing
 * @throws Error where the nodes prove neither
 */
export function provedValue(nodes: TrieNodes, root: Hex, key: Hex): Hex | null {
  if (root === EMPTY_ROOT) return null;
  const path = nibblesOf(key);
  if (path.length !== KEY_NIBBLES) throw new Error(`${key} is no hash.`);
  let node = hashedNode(nodes, root);
  let depth = 0;
  for (;;) {
    let child: TrieItem | undefined;
    if (node.length === 17) {
      // Every key has the same length, so that no branch holds a value.
      const nibble = path[depth++];
      child = nibble === undefined ? undefined : node[nibble];
      if (child === "0x") return null;
    } else {
      const { nibbles, isLeaf } = compactPath(node);
      const matches = nibbles.every((nibble, i) => nibble === path[depth + i]);
      depth += nibbles.length;
      if (isLeaf && depth !== KEY_NIBBLES) throw new Error(`A leaf ends ${depth} nibbles down.`);
      if (!matches) return null;
      child = node[1];
      if (isLeaf) {
        if (typeof child !== "string" || child === "0x") throw new Error("A leaf has no value.");
        return child;
      }
    }
    if (child === undefined) throw new Error(`The proof goes ${depth} nibbles down.`);
    // A node shorter than a hash stands in its parent.
    node = typeof child === "string" ? hashedNode(nodes, child) : child;
  }
}

function hashedNode(nodes: TrieNodes, hash: Hex): TrieNode {
  const node = nodes.get(hash);
  if (node === undefined) throw new Error(`The proof lacks node ${hash}.`);
  return node;
}

/** Path of a leaf or an extension: its first nibble says which it is, and whether the second is padding. */
function compactPath(node: TrieNode): { nibbles: number[]; isLeaf: boolean } {
  const [encoded] = node;
  if (node.length !== 2 || typeof encoded !== "string") throw new Error("The proof has a node of no known kind.");
  const [flags, ...nibbles] = nibblesOf(encoded);
  if (flags === undefined || flags > 3) throw new Error(`The proof has a path ${encoded}.`);
  const isLeaf = flags >= 2;
  const path = flags % 2 === 1 ? nibbles : nibbles.slice(1);
  if (!isLeaf && path.length === 0) throw new Error("The proof has an extension by nothing.");
  return { nibbles: path, isLeaf };
}

function nibblesOf(hex: Hex): number[] {
  return [...hexToBytes(hex)].flatMap((byte) => [byte >> 4, byte & 15]);
}
