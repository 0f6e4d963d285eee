import { connect } from "@demec/sdk/node";

const demec = await connect(); // the network of `demec dev`, or what DEMEC_* name
const shout = await demec.service(process.argv[2]!, { budget: 1_000_000n }); // may spend 1 USD, with 6 decimals
const output = await shout.call("hello, edge"); // buys, finds a provider, opens a session, calls
console.log(new TextDecoder().decode(output));
await shout.close(); // settles: what was not used comes back
await demec.close();
