/** Calls of one tenant, first in, first out. */
interface Line<T> {
  items: T[];
  head: number;
}

/** A queue that serves tenants in turn, so that one with ten thousand calls delays another's next by one call only. */
export class TenantQueue<T> {
  /** In the order of their turns; a tenant without calls has no line. */
  private readonly lines = new Map<string, Line<T>>();
  length = 0;

  lengthOf(tenant: string): number {
    const line = this.lines.get(tenant);
    return line === undefined ? 0 : line.items.length - line.head;
  }

  push(tenant: string, item: T): void {
    const line = this.lines.get(tenant);
    if (line === undefined) this.lines.set(tenant, { items: [item], head: 0 });
    else line.items.push(item);
    this.length++;
  }

  /** Puts an item back before its tenant's others, and its tenant before the others. */
  unshift(tenant: string, item: T): void {
    const line = this.lines.get(tenant) ?? { items: [], head: 0 };
    line.items = [item, ...line.items.slice(line.head)];
    line.head = 0;
    const others = [...this.lines].filter(([name]) => name !== tenant);
    this.lines.clear();
    this.lines.set(tenant, line);
    for (const [name, other] of others) this.lines.set(name, other);
    this.length++;
  }

  /** What {@link shift} would return. */
  peek(): T | undefined {
    const next = this.lines.values().next();
    return next.done ? undefined : next.value.items[next.value.head];
  }

  shift(): T | undefined {
    const next = this.lines.entries().next();
    if (next.done) return undefined;
    const [tenant, line] = next.value;
    const item = line.items[line.head]!;
    line.head++;
    this.length--;
    // To the end of the turns, or out.
    this.lines.delete(tenant);
    if (line.head < line.items.length) this.lines.set(tenant, line);
    if (line.head > 1024 && line.head * 2 > line.items.length) {
      line.items = line.items.slice(line.head);
      line.head = 0;
    }
    return item;
  }
}
