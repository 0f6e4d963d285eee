import { makeSites, run } from "./sites.ts";

/**
 * Whether this machine can make such sites.
 * @returns undefined if so; else what is missing, and whether it is the kernel's: that no installation mends
 */
export function whatIsMissing(): { reason: string; kernel: boolean } | undefined {
  if (process.getuid?.() !== 0) return { reason: "network namespaces need root", kernel: false };
  for (const tool of ["ip", "nft", "sysctl"]) {
    try {
      run([tool, tool === "ip" ? "-V" : "--version"]);
    } catch {
      return { reason: `${tool} is not installed (packages iproute2, nftables, procps)`, kernel: false };
    }
  }
  try {
    makeSites().close();
    return undefined;
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).trim();
    return { reason: `the kernel does not let network namespaces, bridges or NAT be made: ${said}`, kernel: true };
  }
}
