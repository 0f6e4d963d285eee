/** One tenant: what waits, and how much of the machine it has had. */
interface Line<T> {
  readonly tenant: string;
  /** Put back: before the others. */
  readonly front: Set<T>;
  readonly items: Set<T>;
  /** Milliseconds it has had; what it missed before it last came back is not made up for. */
  usedMs: number;
  /** In the heap; negative: nothing waits. */
  position: number;
}

/** Least a turn costs: the way to a child and back. */
const LEAST_MS = 0.02;
/** Idle tenants remembered at most, beside those that wait. */
const MAX_IDLE = 1024;

/**
 * A queue that is fair in time: next is the tenant that has had least of the machine, whatever else it has waiting (start-time
 * fair queueing: Goyal, Vin, Cheng 1996). One with ten thousand calls delays another by what is running, not by what waits; one
 * whose calls are long waits longer for its turns. Who comes anew starts level with who is being served: idleness saves
 * nothing up.
 */
export class TenantQueue<T> {
  /** Tenants with something waiting: a binary heap by `usedMs`. */
  private readonly heap: Line<T>[] = [];
  /** Those, and idle ones that have had more than {@link nowMs}. */
  private readonly lines = new Map<string, Line<T>>();
  /** `usedMs` at which the last turn began. */
  private nowMs = 0;
  length = 0;

  /**
   * Where newcomers start: level with who is served, or with who is next where that is less. Turns are charged what they are
   * taken to cost, which may be far too much until they are over: nobody is to start behind that.
   */
  private get startMs(): number {
    return Math.min(this.heap[0]?.usedMs ?? this.nowMs, this.nowMs);
  }

  lengthOf(tenant: string): number {
    const line = this.lines.get(tenant);
    return line === undefined ? 0 : line.front.size + line.items.size;
  }

  push(tenant: string, item: T): void {
    const line = this.lineOf(tenant);
    line.items.add(item);
    this.entered(line);
  }

  /** Puts an item back before its tenant's others. */
  unshift(tenant: string, item: T): void {
    const line = this.lineOf(tenant);
    line.front.add(item);
    this.entered(line);
  }

  /** Takes an item out, wherever it waits. Returns false when it does not. */
  delete(tenant: string, item: T): boolean {
    const line = this.lines.get(tenant);
    if (line === undefined || !(line.front.delete(item) || line.items.delete(item))) return false;
    this.length--;
    if (line.front.size + line.items.size === 0) this.leave(line);
    return true;
  }

  /** What {@link shift} would return. */
  peek(): T | undefined {
    const line = this.heap[0];
    return line === undefined ? undefined : firstOf(line);
  }

  /**
   * The next item.
   * @param costMs what its turn is charged for now; {@link charge} corrects it
   */
  shift(costMs: number): T | undefined {
    const line = this.heap[0];
    if (line === undefined) return undefined;
    const item = firstOf(line)!;
    this.nowMs = Math.max(this.nowMs, line.usedMs);
    line.usedMs += Math.max(costMs, LEAST_MS);
    this.delete(line.tenant, item);
    if (line.position === 0) this.sink(0);
    return item;
  }

  /**
   * Has an item's turn come and go at once, as `push` and `shift` would where nothing waits.
   * @param costMs as for {@link shift}
   */
  pass(tenant: string, costMs: number): void {
    const line = this.lineOf(tenant);
    line.usedMs = Math.max(line.usedMs, this.startMs);
    this.nowMs = Math.max(this.nowMs, line.usedMs);
    line.usedMs += Math.max(costMs, LEAST_MS);
  }

  /** A tenant has had `ms` more (or less) of the machine than it was charged for. */
  charge(tenant: string, ms: number): void {
    const line = this.lines.get(tenant) ?? (ms > 0 ? this.lineOf(tenant) : undefined);
    if (line === undefined) return;
    line.usedMs += ms;
    if (line.position >= 0) this.sink(this.rise(line.position));
  }

  private lineOf(tenant: string): Line<T> {
    let line = this.lines.get(tenant);
    if (line === undefined) {
      if (this.lines.size - this.heap.length >= MAX_IDLE) this.forgetIdle();
      line = { tenant, front: new Set(), items: new Set(), usedMs: this.startMs, position: -1 };
      this.lines.set(tenant, line);
    }
    return line;
  }

  /** Idle tenants that time has caught up with are as good as new; of the others the older go. */
  private forgetIdle(): void {
    let excess = this.lines.size - this.heap.length - MAX_IDLE / 2;
    for (const line of this.lines.values()) {
      if (line.position < 0 && (line.usedMs <= this.nowMs || excess-- > 0)) this.lines.delete(line.tenant);
    }
  }

  private entered(line: Line<T>): void {
    this.length++;
    if (line.position >= 0) return;
    line.usedMs = Math.max(line.usedMs, this.startMs);
    line.position = this.heap.push(line) - 1;
    this.rise(line.position);
  }

  private leave(line: Line<T>): void {
    const at = line.position;
    line.position = -1;
    const last = this.heap.pop()!;
    if (last === line) return;
    this.place(last, at);
    this.sink(this.rise(at));
  }

  private place(line: Line<T>, at: number): void {
    this.heap[at] = line;
    line.position = at;
  }

  /** Moves a line towards the top as far as it belongs; returns where it is. */
  private rise(from: number): number {
    const line = this.heap[from]!;
    let at = from;
    while (at > 0) {
      const parent = this.heap[(at - 1) >> 1]!;
      if (parent.usedMs <= line.usedMs) break;
      this.place(parent, at);
      at = (at - 1) >> 1;
    }
    this.place(line, at);
    return at;
  }

  private sink(from: number): void {
    const { heap } = this;
    const line = heap[from]!;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.usedMs < heap[child]!.usedMs) child++;
      // Equals give way: tenants whose turns cost the same take turns.
      if (heap[child]!.usedMs > line.usedMs) break;
      this.place(heap[child]!, at);
      at = child;
    }
    this.place(line, at);
  }
}

function firstOf<T>(line: Line<T>): T | undefined {
  for (const item of line.front) return item;
  for (const item of line.items) return item;
  return undefined;
}
