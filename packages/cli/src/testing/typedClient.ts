// Made by `demec types` from the schemas that the service's publisher put beside its code. They never change.
import type { Demec, ServiceOptions } from "@demec/sdk";

export const service = "eip155:31337/erc1155:0x5FbDB2315678afecb367f032d93F642f64180aa3/1";

export const schema = {
  input: {
    type: "object",
    properties: {
      width: {
        type: "integer",
        minimum: 1,
      },
      mode: {
        enum: ["fit", "fill"],
      },
    },
    required: ["width"],
    additionalProperties: false,
  },
} as const;

/** The service's function, with its types. */
export async function open(demec: Pick<Demec, "service">, options?: ServiceOptions) {
  return (await demec.service(service, options)).typed(schema);
}
