/** Work that is charged where a segment begins; negative: given back. */
export interface Charge {
  readonly bitOps: number;
  readonly floatOps: number;
}

/** How a class of edges is special. */
export const EDGE = {
  none: 0,
  /** Nothing may be prepaid on it: the function's entry and ends, and the way into a loop's turn. */
  settled: 1,
  /** It leads to nothing but a trap. */
  trap: 2,
} as const;

/**
 * Decides where the work of a function's segments is charged: as soon as it is certain to follow, unless a trap comes in
 * between, so that few segments are left with a charge of their own.
 *
 * Edges that leave the same segment, and edges that enter the same one, form a class (union-find). On all edges of a
 * class the same amount is prepaid: the least that any of the segments behind it costs, together with what is prepaid on
 * the edges that leave that segment. A segment charges its cost and what is prepaid behind it, less what was prepaid
 * before it; over any path from an entry to an end this sums to the path's cost.
 *
 * One kind of class is prepaid at its most instead: the edges that only a loop's header leaves, its test. A turn is then
 * charged at once, and what the last test finds not to be done is given back.
 */
export class ChargePlan {
  private readonly parent: number[] = [];
  private readonly kind: number[] = [];
  private readonly inClass: number[] = [];
  private readonly outClass: number[] = [];
  private readonly bitOps: number[] = [];
  private readonly floatOps: number[] = [];
  private readonly mayLead: boolean[] = [];
  private readonly prepaidBits: number[] = [];
  private readonly prepaidFloats: number[] = [];
  /** Of every class the last of its segments, -1: none; of every segment the one before it in its class. */
  private readonly last: number[] = [];
  private readonly previous: number[] = [];

  /** A new class of edges. */
  edges(kind: number = EDGE.none): number {
    this.kind.push(kind);
    this.prepaidBits.push(0);
    this.prepaidFloats.push(0);
    this.last.push(-1);
    return this.parent.push(this.parent.length) - 1;
  }

  private find(edges: number): number {
    const { parent } = this;
    while (parent[edges] !== edges) {
      parent[edges] = parent[parent[edges]!]!;
      edges = parent[edges]!;
    }
    return edges;
  }

  /** Makes one class of two. A trap's edges take no part: they demand nothing. Returns the class. */
  unite(a: number, b: number): number {
    const first = this.find(a);
    const second = this.find(b);
    if (first === second) return first;
    const [low, high] = first < second ? [first, second] : [second, first];
    this.parent[high] = low;
    this.kind[low] = this.kind[low]! | this.kind[high]!;
    return low;
  }

  /**
   * Adds the segment that comes next in the code. Returns its number.
   * @param from class of the edges that enter it
   * @param to class of the edges that leave it
   * @param isTest it begins a loop's turn and nothing in it asks for the counters
   */
  segment(from: number, to: number, bitOps: number, floatOps: number, isTest: boolean): number {
    this.inClass.push(from);
    this.outClass.push(to);
    this.bitOps.push(bitOps);
    this.floatOps.push(floatOps);
    return this.mayLead.push(isTest) - 1;
  }

  /** Settles what is prepaid on every class. Linear in the number of segments. */
  solve(): void {
    const { inClass, outClass, last } = this;
    const count = inClass.length;
    const order: number[] = [];
    for (let i = 0; i < count; i++) {
      const edges = this.find(inClass[i]!);
      inClass[i] = edges;
      outClass[i] = this.find(outClass[i]!);
      if (last[edges]! < 0) order.push(edges);
      this.previous.push(last[edges]!);
      last[edges] = i;
    }
    if (count === 1) return;
    const leader = this.leaders();
    // From nothing prepaid upwards: every state on the way is a valid plan. A second round serves classes that
    // depend on earlier ones.
    for (let round = 0; round < 2; round++) {
      for (let i = order.length - 1; i >= 0; i--) {
        const edges = order[i]!;
        if ((this.kind[edges]! & EDGE.settled) === 0) this.prepay(edges, leader[edges] === 1);
      }
    }
  }

  /** 1 for classes that are left by one segment alone, which may lead. */
  private leaders(): Uint8Array {
    const sources = new Uint8Array(this.parent.length);
    const leads = new Uint8Array(this.parent.length);
    for (let i = 0; i < this.outClass.length; i++) {
      const edges = this.outClass[i]!;
      leads[edges] = sources[edges] === 0 && this.mayLead[i] ? 1 : 0;
      sources[edges] = 1;
    }
    return leads;
  }

  private prepay(edges: number, atMost: boolean): void {
    let bits = -1;
    let floats = -1;
    let trapBits = Number.POSITIVE_INFINITY;
    let trapFloats = Number.POSITIVE_INFINITY;
    for (let i = this.last[edges]!; i >= 0; i = this.previous[i]!) {
      const to = this.outClass[i]!;
      if (to === edges) continue;
      const behindBits = this.bitOps[i]! + this.prepaidBits[to]!;
      const behindFloats = this.floatOps[i]! + this.prepaidFloats[to]!;
      if (this.kind[to] === EDGE.trap) {
        trapBits = Math.min(trapBits, behindBits);
        trapFloats = Math.min(trapFloats, behindFloats);
      } else if (bits < 0) {
        bits = behindBits;
        floats = behindFloats;
      } else {
        bits = atMost ? Math.max(bits, behindBits) : Math.min(bits, behindBits);
        floats = atMost ? Math.max(floats, behindFloats) : Math.min(floats, behindFloats);
      }
    }
    if (bits < 0) {
      if (trapBits === Number.POSITIVE_INFINITY) return;
      bits = trapBits;
      floats = trapFloats;
    }
    this.prepaidBits[edges] = bits;
    this.prepaidFloats[edges] = floats;
  }

  /** What a segment charges when it begins. */
  charge(segment: number): Charge {
    const from = this.inClass[segment]!;
    const to = this.outClass[segment]!;
    let bitOps = this.bitOps[segment]! + this.prepaidBits[to]! - this.prepaidBits[from]!;
    let floatOps = this.floatOps[segment]! + this.prepaidFloats[to]! - this.prepaidFloats[from]!;
    if (this.kind[to] === EDGE.trap) {
      // What was prepaid for the ways past the trap pays for the way to it.
      bitOps = Math.max(0, bitOps);
      floatOps = Math.max(0, floatOps);
    }
    return { bitOps, floatOps };
  }

  from(segment: number): number {
    return this.inClass[segment]!;
  }

  to(segment: number): number {
    return this.outClass[segment]!;
  }

  get classes(): number {
    return this.parent.length;
  }
}
