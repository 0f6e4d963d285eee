import { DemecError, toJson } from "@demec/protocol";
import type { Logger } from "@demec/provider";
import type { HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { isAddress } from "viem";
import type { CallDesk, HttpContext } from "./calls.ts";
import type { Endpoint } from "./endpoint.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { openApiOf } from "./openapi.ts";
import type { GatewayLimits } from "./options.ts";
import { describeProblem, problemResponse } from "./problem.ts";

/** What pages may read of an answer to them. */
const EXPOSED = [
  ...["Demec-Status", "Demec-Exit-Code", "Demec-Credits", "Demec-Usage", "Demec-Receipt", "Demec-Session"],
  ...["Demec-Provider", "PAYMENT-REQUIRED", "PAYMENT-RESPONSE"],
];
/** Bytes of what is said about access: a proof with its grants. */
const ACCESS_BYTES = 64 << 10;

export interface AppOptions {
  readonly endpoints: readonly Endpoint[];
  readonly desk: CallDesk;
  readonly metrics: GatewayMetrics;
  readonly limits: GatewayLimits;
  readonly origins: readonly string[];
  readonly logger: Logger;
}

/** The gateway's HTTP interface. */
export function makeApp({ endpoints, desk, metrics, limits, origins, logger }: AppOptions) {
  const byName = new Map<string, Endpoint>();
  for (const endpoint of endpoints) {
    const { options, service } = endpoint;
    for (const name of [service.name, ...(options.names ?? [])]) byName.set(name, endpoint);
  }
  const endpointOf = (c: HttpContext): Endpoint => {
    const name = c.req.param("service") ?? "";
    const endpoint = byName.get(name);
    if (endpoint !== undefined) return endpoint;
    throw new DemecError("gateway/not-found", `No service "${name}" is served here.`, { details: { name } });
  };
  const gateOf = (c: HttpContext) => {
    const { gate, title } = endpointOf(c);
    if (gate === null) throw new DemecError("access/not-gated", `${title} takes no tokens.`);
    return gate;
  };
  const tooLarge = (most: number) =>
    bodyLimit({
      maxSize: most,
      onError: () =>
        problemResponse(
          new DemecError("gateway/body-too-large", `The body has more than ${most} bytes.`, { details: { most } }),
        ),
    });

  const app = new Hono<{ Bindings: HttpBindings }>();
  app.onError((error, c) => {
    const response = problemResponse(error);
    if (response.status >= 500) logger.warn({ path: c.req.path, error }, "a request failed");
    return response;
  });
  app.notFound((c) =>
    problemResponse(new DemecError("gateway/not-found", `There is nothing at ${c.req.method} ${c.req.path}.`)),
  );
  // A page anywhere could have its visitor's browser call a gateway on the visitor's machine, and spend its budget.
  app.use("*", async (c, next) => {
    const origin = c.req.header("origin");
    if (origin === undefined || origins.includes(origin)) return next();
    throw new DemecError("gateway/foreign-origin", `Pages of ${origin} may not call this gateway.`, {
      details: { origin },
    });
  });
  app.use("*", cors({ origin: [...origins], exposeHeaders: EXPOSED }));
  app.get("/openapi.json", (c) => c.json(openApiOf(endpoints, limits, new URL(c.req.url).origin)));
  app.get("/errors/:room/:name", (c) => {
    const { room, name } = c.req.param();
    return describeProblem(`${room}/${name}`) ?? c.notFound();
  });
  app.post("/v1/:service", tooLarge(limits.bodyBytes), async (c) => {
    const endpoint = endpointOf(c);
    const started = performance.now();
    const response = await desk.answer(c, endpoint).catch((error) => {
      c.error = error;
      return problemResponse(error);
    });
    if (response.status >= 500)
      logger.warn({ service: endpoint.title, status: response.status, error: c.error }, "a call failed");
    metrics.request(endpoint, response.status, (performance.now() - started) / 1000);
    return response;
  });
  app.post("/v1/:service/access/challenge", tooLarge(ACCESS_BYTES), async (c) => {
    const gate = gateOf(c);
    const { account } = (await c.req.json().catch(() => ({}))) as { account?: unknown };
    if (typeof account !== "string" || !isAddress(account)) {
      throw new DemecError("gateway/bad-request", 'The body is not {"account":"0x…"}.');
    }
    return jsonText(await gate.challenge(account));
  });
  app.post("/v1/:service/access/enter", tooLarge(ACCESS_BYTES), async (c) => {
    const { token, claims } = await gateOf(c).enter(await c.req.text());
    return jsonText(toJson({ token, expiry: claims.expiry }));
  });
  app.post("/v1/:service/access/revoke", tooLarge(ACCESS_BYTES), async (c) => {
    await gateOf(c).revoke(await c.req.text());
    return new Response(null, { status: 204 });
  });
  return app;
}

const jsonText = (text: string) => new Response(text, { headers: { "content-type": "application/json" } });
