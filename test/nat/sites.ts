import { execFileSync } from "node:child_process";

// Network namespaces for the NAT matrix: one "internet" with public addresses, and sites that hang off it, each a host
// with a public address, or a host behind a router that translates addresses and lets nothing new in.

export const NATS = ["public", "cone", "symmetric"] as const;
export type Nat = (typeof NATS)[number];

/**
 * Stands for the internet: a block that no host has any more (6to4 relays, RFC 7526), and that hyperdht doesn't take for
 * a private one, as it does those set aside for documentation.
 */
const PUBLIC = "192.88.99";
/** Addresses of the DHT's nodes and of the relay. */
export const DHT_HOSTS = [11, 12, 13, 14, 15].map((host) => `${PUBLIC}.${host}`);
export const RELAY_HOST = `${PUBLIC}.20`;
/** Address of a chain, a publisher, and a staked provider that relays. */
export const MARKET_HOST = `${PUBLIC}.21`;

export const PORT = 49737;
/** Entry point of the DHT. */
export const BOOTSTRAP = [{ host: DHT_HOSTS[0]!, port: PORT }];

/** How a router picks the port that it sends from: its client's own, or another at each destination. */
const MASQUERADE = { cone: "masquerade", symmetric: "masquerade fully-random" };

export interface Sites {
  /** Namespace where the DHT and the relay run. */
  readonly internet: string;
  /** Namespace of the host of a site. */
  host(role: "provider" | "buyer", nat: Nat): string;
  /** Deletes everything. */
  close(): void;
}

/** @throws what `ip` or `nft` say when the machine lacks a part; nothing is left then */
export function makeSites(): Sites {
  const prefix = `dm${process.pid}`;
  const made: string[] = [];
  const namespace = (name: string) => {
    const full = `${prefix}${name}`;
    ip("netns", "add", full);
    made.push(full);
    inside(full, "link", "set", "lo", "up");
    return full;
  };
  const close = () => {
    // Deleting a namespace deletes its ends of the cables, and with them the other ends.
    for (const name of made.splice(0).reverse()) ip("netns", "del", name);
  };
  try {
    const internet = namespace("-inet");
    inside(internet, "link", "add", "br0", "type", "bridge");
    inside(internet, "link", "set", "br0", "up");
    for (const address of [`${PUBLIC}.1`, ...DHT_HOSTS, RELAY_HOST, MARKET_HOST]) {
      inside(internet, "addr", "add", `${address}/24`, "dev", "br0");
    }
    const hosts = new Map<string, string>();
    let next = 0;
    for (const role of ["provider", "buyer"] as const) {
      for (const nat of NATS) {
        const index = next++;
        const host = namespace(`-h${index}`);
        hosts.set(`${role} ${nat}`, host);
        // The end of the cable on the internet's side needs a name of its own.
        const plug = (site: string, name: string) => {
          inside(internet, "link", "add", `p${index}`, "type", "veth", "peer", "name", name, "netns", site);
          inside(internet, "link", "set", `p${index}`, "master", "br0", "up");
          inside(site, "addr", "add", `${PUBLIC}.${100 + index}/24`, "dev", name);
          inside(site, "link", "set", name, "up");
        };
        if (nat === "public") {
          plug(host, "wan");
          continue;
        }
        const router = namespace(`-r${index}`);
        plug(router, "wan");
        const lan = `192.168.${index}`;
        inside(router, "link", "add", "lan", "type", "veth", "peer", "name", "eth0", "netns", host);
        inside(router, "addr", "add", `${lan}.1/24`, "dev", "lan");
        inside(router, "link", "set", "lan", "up");
        inside(host, "addr", "add", `${lan}.2/24`, "dev", "eth0");
        inside(host, "link", "set", "eth0", "up");
        inside(host, "route", "add", "default", "via", `${lan}.1`);
        run(["ip", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1"]);
        run(["ip", "netns", "exec", router, "nft", "-f", "-"], rules(MASQUERADE[nat]));
      }
    }
    return { internet, host: (role, nat) => hosts.get(`${role} ${nat}`)!, close };
  } catch (error) {
    close();
    throw error;
  }
}

function rules(masquerade: string): string {
  return `table ip nat {
  chain out { type nat hook postrouting priority 100
    oifname "wan" ${masquerade}
  }
  chain in { type filter hook input priority 0
    iifname "wan" ct state new drop
  }
  chain through { type filter hook forward priority 0
    iifname "wan" ct state new drop
  }
}
`;
}

const ip = (...args: string[]) => run(["ip", ...args]);
const inside = (namespace: string, ...args: string[]) => run(["ip", "-n", namespace, ...args]);

export function run([command, ...args]: string[], input = ""): void {
  execFileSync(command!, args, { input, stdio: ["pipe", "ignore", "pipe"] });
}
