/** Prints what `examineAll` sees of the random modules of a range of seeds. `smith.test.ts` runs it under V8's tier flags. */
import { randomModules } from "./corpusTool.ts";
import { examineAll } from "./smithExamine.ts";

const [tool, from, to] = process.argv.slice(2) as [string, string, string];
for (const line of examineAll(Number(from), await randomModules(tool, Number(from), Number(to)))) console.log(line);
