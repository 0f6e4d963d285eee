import { ByteWriter } from "./bytes.ts";

const SECTION_NAME = new TextEncoder().encode("metadata.code.branch_hint");
const UNLIKELY = 0;

/** Code, and which of its branches (`if`, `br_if`) are hardly ever taken. */
export class CodeWriter extends ByteWriter {
  private readonly unlikely: number[] = [];
  /** Hints that `appendCode` has carried to another writer. */
  private carried = 0;

  /** Says that the branch written next is hardly ever taken. */
  markUnlikely(): void {
    this.unlikely.push(this.length);
  }

  /** Appends the part of `other` that follows what was appended of it before, with its hints. */
  appendCode(other: CodeWriter, start: number, end: number): void {
    const moved = this.length - start;
    while (other.carried < other.unlikely.length && other.unlikely[other.carried]! < end) {
      this.unlikely.push(other.unlikely[other.carried++]! + moved);
    }
    this.append(other, start, end);
  }

  override clear(): void {
    super.clear();
    this.unlikely.length = 0;
    this.carried = 0;
  }

  get hints(): readonly number[] {
    return this.unlikely;
  }
}

/**
 * The custom section of WebAssembly's branch hinting proposal. Without it compilers take the meter's tests for
 * branches as good as any, and keep registers free for the calls behind them: a third of what metering costs an
 * interpreter. Engines that do not know it pass over it; it changes nothing but speed.
 */
export class BranchHints {
  private readonly entries = new ByteWriter(1024);
  private functions = 0;

  /** Adds a function's hints; functions come in the order of their indexes. */
  add(functionIndex: number, { hints }: CodeWriter): void {
    if (hints.length === 0) return;
    const { entries } = this;
    this.functions++;
    entries.u32(functionIndex);
    entries.u32(hints.length);
    for (const offset of hints) {
      entries.u32(offset);
      entries.byte(1);
      entries.byte(UNLIKELY);
    }
  }

  /** Writes the section, which stands before the code. */
  write(output: ByteWriter): void {
    if (this.functions === 0) return;
    const content = new ByteWriter(this.entries.length + 64);
    content.vector(SECTION_NAME);
    content.u32(this.functions);
    content.append(this.entries);
    output.op(0, content.length);
    output.append(content);
  }
}
