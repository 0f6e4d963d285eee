// What the compiler makes of schemas: a test that tsc runs, by failing where a type is another one.
import { expectTypeOf } from "expect-type";
import * as z from "zod/mini";
import type { CallInput, Service } from "../service.ts";
import type { InputOf, OutputOf, PublishedSchema } from "./functionSchema.ts";
import type { TypedFunction } from "./typedFunction.ts";

const RESIZE = {
  input: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: {
      width: { type: "integer", minimum: 1 },
      mode: { enum: ["fit", "fill"] },
      from: { type: "array", prefixItems: [{ type: "number" }, { type: "string" }], items: false, minItems: 2 },
      colour: { $ref: "#/$defs/colour" },
    },
    required: ["width", "mode"],
    additionalProperties: false,
    $defs: { colour: { type: ["string", "null"] } },
  },
  output: { type: "array", items: { type: "string" } },
} as const;

// A schema that is written down gives its function's types,
type Input = InputOf<typeof RESIZE>;
expectTypeOf<Input["width"]>().toEqualTypeOf<number>();
expectTypeOf<Input["mode"]>().toEqualTypeOf<"fit" | "fill">();
expectTypeOf<Input["from"]>().toEqualTypeOf<[number, string] | undefined>();
expectTypeOf<Input["colour"]>().toEqualTypeOf<string | null | undefined>();
expectTypeOf<OutputOf<typeof RESIZE>>().toEqualTypeOf<string[]>();
expectTypeOf<{ width: 1; mode: "stretch" }>().not.toExtend<Input>();

// a side without one is bytes, and one whose type says nothing, such as of imported JSON, is unknown.
expectTypeOf<InputOf<{ output: { type: "string" } }>>().toEqualTypeOf<CallInput>();
expectTypeOf<OutputOf<{ input: { type: "string" } }>>().toEqualTypeOf<Uint8Array>();
expectTypeOf<InputOf<PublishedSchema>>().toBeUnknown();
expectTypeOf<OutputOf<PublishedSchema>>().toBeUnknown();
expectTypeOf<InputOf<{ input: { type: string; properties: { a: { type: string } } } }>>().toBeUnknown();

// Another library's schema gives what goes into it on the way in, and what comes out of it on the way out.
const days = z.object({ n: z._default(z.number(), 1) });
const day = z.codec(z.iso.date(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() });
expectTypeOf<InputOf<{ input: typeof days }>>().toEqualTypeOf<{ n?: number | undefined }>();
expectTypeOf<OutputOf<{ output: typeof day }>>().toEqualTypeOf<Date>();

// A service takes over the types of a schema that it is given in place.
declare const service: Service;
const typed = () => service.typed({ input: { type: "number" }, output: { type: "boolean" } });
expectTypeOf(typed).returns.resolves.toEqualTypeOf<TypedFunction<number, boolean>>();
const fetched = () => service.typed();
expectTypeOf(fetched).returns.resolves.toEqualTypeOf<TypedFunction<unknown, unknown>>();
