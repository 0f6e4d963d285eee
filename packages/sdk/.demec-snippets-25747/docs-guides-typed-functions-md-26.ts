
import { connect } from "@demec/sdk/node";

const demec = await connect();
const service = await demec.service(process.argv[2]!, { budget: 1_000_000n });
const words = await service.typed(); // fetches the schemas and checks their hash
console.log(await words.call(["hello", "edge"])); // [ 'HELLO', 'EDGE' ]
await words.call(["Hello"]).catch(({ code, details }) => console.log(code, details.pointer)); // sdk/input-mismatch /0
await demec.close({ sellBack: true });
export {};
