
import { connect } from "@demec/sdk/node";
import * as z from "zod/mini";

const demec = await connect();
const service = await demec.service(process.argv[2]!, { budget: 1_000_000n });
const output = z.pipe(
  z.array(z.string()),
  z.transform((words) => words.length),
);
const count = await service.typed({ input: z.array(z.string()), output });
console.log((await count.call(["hello", "edge"])) + 1); // 3
await demec.close({ sellBack: true });
export {};
