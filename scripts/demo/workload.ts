import type { CallOptions } from "@demec/sdk";
export interface DemoCall {
  readonly input: Uint8Array;
  readonly options: CallOptions;
  readonly expected: Uint8Array;
}
const mk = (n: number): DemoCall[] =>
  Array.from({ length: n }, (_, i) => {
    const input = new TextEncoder().encode("x".repeat(3000) + i);
    return { input, options: {}, expected: input.map((b) => b ^ 1) };
  });
export const thumbnailCalls = async (_: string, n: number) => mk(n);
export const concordanceCalls = async (_: string, n: number) => mk(n);
