
import { connect } from "@demec/sdk/node";

const demec = await connect();
const service = await demec.service(process.argv[2]!, { budget: 1_000_000n });
const words = await service.typed({
  input: { type: "array", items: { enum: ["hello", "edge"] } },
  output: { type: "array", items: { type: "string" } },
});
const [first]: string[] = await words.call(["hello"]); // ["help"] would not compile
console.log(first); // HELLO
await demec.close({ sellBack: true });
export {};
