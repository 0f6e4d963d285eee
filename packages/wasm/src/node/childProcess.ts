import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";
import { Child, type ChildCall, type ExitReason } from "../scheduling/child.ts";
import type { KnownModule } from "../scheduling/job.ts";
import type { ControlGroup } from "./controlGroups.ts";
import { FrameBuffer } from "./frames.ts";
import { decodeAnswer, encodeDrop, encodeInput, encodeLoad, encodeRun } from "./ipc.ts";
import type { ChildCommand, Launcher } from "./launcher.ts";
import { toMachineMs } from "./machineClock.ts";

/** Largest answer: output and stderr of uint32 length each would not fit into memory anyway. */
const MAX_ANSWER_BYTES = 0x7fff_ffff;
const PAGE_BYTES = 4096;

/** One child process and its pipes. What it says is not trusted: a frame that makes no sense ends it. */
export class ExecutorChild extends Child {
  /** What was started: the child itself, or the sandbox around it, which ends with it. */
  readonly process: ChildProcess;
  /** The child itself, once it is known. */
  pid: number | undefined;
  /** Its engine ends a call whose time is over. */
  readonly stopsItself: boolean;
  private readonly frames = new FrameBuffer(MAX_ANSWER_BYTES);
  private readonly input: Socket;
  private outgoing: Buffer[] = [];
  private reason: ExitReason = "crashed";
  private exitReason: ExitReason | undefined;
  private readonly launcher: Launcher;
  private readonly group: ControlGroup | undefined;
  /** Settled when nothing of it is left. */
  readonly gone: Promise<void>;
  private isGone: () => void = () => {};

  /** @param group what limits it, its own; removed with it */
  constructor(launcher: Launcher, command: ChildCommand, stopsItself: boolean, group: ControlGroup | undefined) {
    super();
    this.stopsItself = stopsItself;
    this.group = group;
    this.launcher = launcher;
    this.gone = new Promise((resolve) => {
      this.isGone = resolve;
    });
    this.process = launcher.launch(command, (pid) => {
      this.pid = pid;
      group?.add(pid);
    });
    this.input = this.process.stdin as Socket;
    // A write to a child that has just died is no news: its exit is.
    this.input.on("error", () => {});
    this.process.stdio[3]?.on("error", () => {});
    this.process.stdout!.on("data", (chunk: Buffer) => this.read(chunk));
    this.process.on("error", () => this.exited());
    this.process.on("exit", () => this.exited());
  }

  get hasExited(): boolean {
    return this.exitReason !== undefined;
  }

  protected sendLoad({ id, bytes }: KnownModule): void {
    this.send(encodeLoad(id, bytes));
  }
  protected sendDrop(moduleId: number): void {
    this.send(encodeDrop(moduleId));
  }
  run({ moduleId, deadlineAt, request }: ChildCall, isStreamed: boolean): void {
    this.send(encodeRun({ moduleId, deadlineAt: toMachineMs(deadlineAt), request }, isStreamed));
  }
  sendInput(bytes: Uint8Array): void {
    this.send(encodeInput(bytes));
  }

  /** Frames of one turn of the event loop leave in one write. */
  private send(frame: Buffer): void {
    if (this.outgoing.push(frame) > 1) return;
    setImmediate(() => {
      const frames = this.outgoing;
      this.outgoing = [];
      // The stream's own corking costs more per frame than joining them.
      this.input.write(frames.length === 1 ? frame : Buffer.concat(frames));
    });
  }

  nudge(): void {
    (this.process.stdio[3] as Writable | null)?.write("!");
  }

  /** The child waits when it has written what the pipe holds. */
  pause(): void {
    this.process.stdout?.pause();
  }
  resume(): void {
    this.process.stdout?.resume();
  }

  kill(reason: ExitReason): void {
    if (this.hasExited) return;
    this.reason = reason;
    this.launcher.kill(this.process);
  }

  /** Resident memory; 0 where the system has no /proc. */
  rssBytes(): number {
    try {
      return Number(readFileSync(`/proc/${this.pid}/statm`, "latin1").split(" ")[1]) * PAGE_BYTES;
    } catch {
      return 0;
    }
  }

  private read(chunk: Buffer): void {
    if (this.hasExited) return;
    try {
      this.frames.push(chunk);
      for (let frame = this.frames.next(); frame !== undefined; frame = this.frames.next()) {
        const answer = decodeAnswer(frame);
        if (answer === undefined) this.started();
        else this.answered(answer);
      }
    } catch {
      this.kill("crashed");
      return;
    }
    this.events?.onBatch();
  }

  private exited(): void {
    if (this.hasExited) return;
    if (this.reason === "crashed" && this.group?.hasKilled()) this.reason = "out-of-memory";
    this.exitReason = this.reason;
    // Whoever still holds the other ends must not keep this process alive.
    for (const stream of this.process.stdio) stream?.destroy();
    if (this.group === undefined) this.isGone();
    else this.group.remove().then(this.isGone);
    this.events?.onExit(this.reason);
  }
}
