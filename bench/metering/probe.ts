import {overheads, geometricMean} from "./overhead.ts";
const r = await overheads(process.argv.slice(2), Number(process.env.N ?? 21)); console.log(r, geometricMean(Object.values(r)));
