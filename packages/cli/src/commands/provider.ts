import { join } from "node:path";
import type { DoorOptions, WebRtcOptions } from "@demec/network";
import { parseRegion } from "@demec/protocol";
import { serviceIdIn } from "@demec/sdk";
import type { Command } from "commander";
import { privateKeyToAddress } from "viem/accounts";
import { followGates, gatesOf } from "../access/gates.ts";
import { readRoleKey } from "../account.ts";
import { parseAmount, parseInteger } from "../amounts.ts";
import { readConfig, serviceNameOf } from "../config.ts";
import { badOption } from "../errors.ts";
import { parseHostPort } from "../hostPort.ts";
import { logLevelOption, logTo } from "../logger.ts";
import { repeatable } from "../options.ts";
import { print } from "../output.ts";
import { untilStopped } from "../untilStopped.ts";
import { addCalibrate } from "./calibrate.ts";
import { addProviderStake } from "./providerStake.ts";
import { addProviderStatus } from "./providerStatus.ts";

interface StartOptions {
  readonly service: string[];
  readonly owner?: string;
  readonly operator?: string;
  readonly region: string[];
  readonly stake: string;
  readonly maxSessions: string;
  readonly confirmations: string;
  readonly metrics?: string;
  readonly drain: string;
  readonly logLevel: string;
  readonly tcp?: string;
  readonly tcpAddress?: string;
  readonly webSocket?: string;
  readonly webSocketAddress?: string;
  readonly webRtc?: string;
  readonly webRtcAddress?: string;
  readonly relay: boolean;
}

/** How long everything but running calls may take to stop; milliseconds. */
const STOP_MS = 10_000;

export function addProvider(program: Command): void {
  const provider = program.command("provider").description("sell the execution of functions");
  addCalibrate(provider);
  addProviderStatus(provider);
  addProviderStake(provider);
  provider
    .command("start")
    .description("stake, register and enrol where that is missing, then serve until stopped")
    .addOption(repeatable("--service <name>", "service to serve; repeatable").makeOptionMandatory())
    .addOption(repeatable("--region <path>", "where this machine is, such as eu-de-fra; repeatable"))
    .option("--owner <name>", "key of the keystore: the staked account (default: DEMEC_OWNER_KEY)")
    .option("--operator <name>", "key of the keystore: signs offers and states (default: DEMEC_OPERATOR_KEY)")
    .option("--stake <amount>", "stake to reach, DEMEC", "0")
    .option("--max-sessions <n>", "sessions at once", "1000")
    .option("--confirmations <n>", "blocks on top of a session's opening before it is served", "0")
    .option("--tcp <host:port>", "listen for TCP too; the address is published, and buyers prefer it")
    .option("--tcp-address <url>", "published instead, as behind a forwarded port: tcp://203.0.113.7:4001")
    .option("--web-socket <host:port>", "listen for WebSockets of browsers, and guide them to other providers too")
    .option("--web-socket-address <url>", "published instead, as of a proxy that speaks TLS: wss://edge.example/")
    .option(
      "--web-rtc <host:port>",
      "take WebRTC of pages that are connected already, at this UDP port; 0: any free ones",
    )
    .option("--web-rtc-address <ip>", "told to pages instead, as behind a forwarded port: 203.0.113.7")
    .option("--relay", "relay for peers whose NATs let no hole be punched", false)
    .option("--metrics <[host:]port>", "serve metrics and health there over HTTP, such as 9464 (default: nowhere)")
    .option("--drain <seconds>", "how long running calls may take to end when it is stopped", "10")
    .addOption(logLevelOption())
    .addHelpText(
      "after",
      `
The first Ctrl-C or SIGTERM stops it in order: nothing new is taken, running calls end, states are signed and kept. The
second ends it at once; nothing that was signed is lost then either.
Who may call is set by demec gate, beforehand or while it serves.
The owner pays for set-up. Keys come from the keystore (see demec keys) or the environment.

Example:
  demec provider start --service eip155:31337/erc1155:0x5FbD…/1 --region eu-de-fra --stake 1000`,
    )
    .action(async (options: StartOptions, command: Command) => {
      const config = readConfig(command);
      const { deployment, rpcUrl, network, dataDir, json } = config;
      if (options.service.length === 0) throw badOption("No --service is given.", {});
      for (const region of options.region) parseRegion(region);
      const serviceIds = options.service.map((name) => serviceIdIn(deployment, serviceNameOf(config, name)));
      const drainMs = 1000 * parseInteger("--drain", options.drain, 86_400);
      const ownerPrivateKey = await readRoleKey(config, options.owner, "DEMEC_OWNER_KEY");
      const operatorPrivateKey = await readRoleKey(config, options.operator, "DEMEC_OPERATOR_KEY");
      const logger = logTo(options.logLevel);
      const gates = gatesOf(dataDir, deployment);
      const { startDaemon } = await import("@demec/provider/node");
      const daemon = await startDaemon({
        rpcUrl,
        deployment,
        network: {
          ...network,
          tcp: door("--tcp", options.tcp, options.tcpAddress),
          webSocket: door("--web-socket", options.webSocket, options.webSocketAddress),
          webRtc: webRtc(options),
          relay: options.relay ? {} : undefined,
        },
        ownerPrivateKey,
        operatorPrivateKey,
        regions: options.region,
        stake: parseAmount("--stake", options.stake, 18),
        serviceIds,
        gates,
        dataDir: join(dataDir, "provider", privateKeyToAddress(ownerPrivateKey)),
        policy: {
          maxSessions: parseInteger("--max-sessions", options.maxSessions, 2 ** 31),
          confirmations: parseInteger("--confirmations", options.confirmations, 1_000_000),
        },
        metrics: options.metrics === undefined ? undefined : parseHostPort("--metrics", options.metrics),
        logger,
      });
      const unfollow = followGates(dataDir, deployment, [daemon], logger);
      print(
        json,
        {
          ...{ owner: daemon.owner, nodeKey: daemon.nodeKey, guide: daemon.guide, metricsUrl: daemon.metricsUrl },
          ...{ services: options.service, regions: options.region },
        },
        `provider ${daemon.owner} serves ${options.service.length} service(s); Ctrl-C stops it`,
      );
      await untilStopped();
      unfollow();
      // Leaving must not hang on a chain or a network that does not answer; what was signed is durable already.
      setTimeout(() => {
        logger.error({ drainMs, stopMs: STOP_MS }, "the provider did not stop in time and is ended");
        process.exit(1);
      }, drainMs + STOP_MS).unref();
      logger.info({ drainMs }, "draining: nothing new is taken");
      const busy = await daemon.drain(drainMs);
      if (busy > 0) logger.warn({ busy }, "sessions had calls or states under way still");
      await daemon.stop();
    });
}

/** Where to listen, if anywhere. @throws cli/bad-option */
function door(name: string, binding: string | undefined, publicAddress: string | undefined): DoorOptions | undefined {
  return binding === undefined ? undefined : { ...parseHostPort(name, binding), publicAddress };
}

/** @throws cli/bad-option */
function webRtc({ webRtc: binding, webRtcAddress: publicHost }: StartOptions): WebRtcOptions | undefined {
  return binding === undefined ? undefined : { ...parseHostPort("--web-rtc", binding), publicHost };
}
