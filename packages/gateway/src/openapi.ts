import type { Endpoint } from "./endpoint.ts";
import type { GatewayLimits } from "./options.ts";

/** A JSON Schema (2020-12), as publishers write it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const PROBLEM = { $ref: "#/components/responses/Problem" } as const;
const text = (description: string) => ({ description, schema: { type: "string" } });
/** What is told of a call in headers. */
const RECEIPT_HEADERS = {
  "Demec-Status": text("How the function ended."),
  "Demec-Exit-Code": text("Exit code of a command, else 0."),
  "Demec-Credits": text("What the call cost; credits, 18 decimals."),
  "Demec-Usage": text("What was metered: bitops, floatops, bytes, duration-ms."),
  "Demec-Receipt": text("Leaf hash of the receipt in its session's tree."),
  "Demec-Session": text("Session on chain."),
  "Demec-Provider": text("Account of the provider that did the work."),
} as const;

const query = (name: string, description: string, schema: JsonSchema) => ({ name, in: "query", description, schema });
const QUERY = [
  query("arg", "Arguments of a command, in order.", { type: "array", items: { type: "string" } }),
  query("stream", "Gives the output while it is made; commands only.", { type: "boolean", default: false }),
  query("bitOps", "Most integer work.", { type: "string", pattern: "^\\d{1,19}$" }),
  query("floatOps", "Most floating-point work.", { type: "string", pattern: "^\\d{1,19}$" }),
  query("memoryPages", "Most memory; pages of 64 KiB.", { type: "integer", minimum: 0 }),
  query("outputBytes", "Most output.", { type: "integer", minimum: 0 }),
] as const;

/** The OpenAPI 3.1 document of what a gateway serves. */
export function openApiOf(endpoints: readonly Endpoint[], { bodyBytes, deadlineMs }: GatewayLimits, origin: string) {
  return {
    openapi: "3.1.0",
    info: {
      title: "deMEC gateway",
      version: "1",
      description: `Functions as HTTP endpoints: body in, body out. A body has ${bodyBytes} bytes at most. Variables of a command's environment are given as env.NAME, in the query or in a form.`,
    },
    servers: [{ url: origin }],
    paths: Object.fromEntries(
      endpoints.map((endpoint) => [
        `/v1/${encodeURIComponent(endpoint.title)}`,
        { post: operationOf(endpoint, deadlineMs) },
      ]),
    ),
    components: {
      securitySchemes: {
        token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        x402: {
          ...{ type: "apiKey", in: "header", name: "PAYMENT-SIGNATURE" },
          description: "A payment for this call (x402, version 2), for the terms that a 402 answer states.",
        },
      },
      schemas: {
        Problem: {
          type: "object",
          description: "RFC 9457",
          required: ["type", "title", "status", "detail", "code", "retryable"],
          properties: {
            type: { type: "string", format: "uri-reference" },
            title: { type: "string" },
            status: { type: "integer" },
            detail: { type: "string" },
            code: { type: "string", description: "Stable: never renamed and never reused." },
            retryable: { type: "boolean" },
            details: { type: "object" },
          },
        },
      },
      responses: {
        Problem: {
          description: "What went wrong.",
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
        PaymentRequired: {
          description: "What the call costs.",
          headers: { "PAYMENT-REQUIRED": text("Terms of x402, base64.") },
          content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    },
  };
}

function operationOf({ service, title, gate, till, options }: Endpoint, deadlineMs: number) {
  const { name, description } = service.metadata;
  const { input, output } = options.schemas ?? {};
  const security = [...(gate === null ? [] : [{ token: [] }]), ...(till === null ? [] : [{ x402: [] }])];
  const deadline = { type: "integer", minimum: 1, maximum: deadlineMs, default: deadlineMs };
  return {
    operationId: `call-${service.terms.serviceId}`,
    summary: name || title,
    description: description ?? `Calls ${service.name}.`,
    security: security.length === 0 ? [{}] : security,
    parameters: [...QUERY, query("deadlineMs", "Wall-clock time; milliseconds.", deadline)],
    requestBody: {
      content: {
        ...(input === undefined ? { "*/*": {} } : { "application/json": { schema: input } }),
        "multipart/form-data": {
          schema: {
            type: "object",
            properties: {
              input: { description: "The function's input.", type: "string" },
              arg: { type: "array", items: { type: "string" } },
              file: {
                description: "Files that the function finds, each by its file name as path.",
                type: "array",
                items: { type: "string", contentMediaType: "application/octet-stream" },
              },
            },
          },
        },
      },
    },
    responses: {
      200: {
        description: "The function's output.",
        headers: RECEIPT_HEADERS,
        content: output === undefined ? { "*/*": {} } : { "application/json": { schema: output } },
      },
      ...(till === null ? {} : { 402: { $ref: "#/components/responses/PaymentRequired" } }),
      422: { ...PROBLEM, description: "The function ended otherwise than ok. Charged: the work was done." },
      default: PROBLEM,
    },
  };
}
