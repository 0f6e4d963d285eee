import { cliErrors } from "./cli.ts";
import { gatewayErrors } from "./gateway.ts";
import { watchtowerErrors } from "./watchtower.ts";

/** What only programs of operators throw, which need Node: no page carries it. */
export const operatorErrors = { ...cliErrors, ...gatewayErrors, ...watchtowerErrors } as const;
