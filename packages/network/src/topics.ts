import { DemecError, regionPrefixes, sha256 } from "@demec/protocol";

const SERVICE_NAME = /^eip155:[1-9][0-9]{0,31}\/erc1155:0x[0-9a-f]{40}\/(0|[1-9][0-9]{0,77})$/;
const utf8 = new TextEncoder();

/**
 * Discovery topic of a service: SHA-256("deMEC service v1" ‖ 0 ‖ name), 32 bytes, over the lower-case name.
 * @param serviceName CAIP-19 id of the access token: `eip155:<chain>/erc1155:<token contract>/<id>`
 * @throws protocol/bad-service-name
 */
export function serviceTopic(serviceName: string): Uint8Array {
  return sha256(utf8.encode(`deMEC service v1\0${canonicalName(serviceName)}`));
}

/**
 * Discovery topic of a service in a region: SHA-256("deMEC region v1" ‖ 0 ‖ name ‖ 0 ‖ region), 32 bytes.
 * @param regionPrefix region, or any prefix of one: "eu", "eu-de", "eu-de-fra"
 * @throws protocol/bad-service-name, protocol/bad-region
 */
export function regionTopic(serviceName: string, regionPrefix: string): Uint8Array {
  const region = regionPrefixes(regionPrefix).at(-1)!;
  return sha256(utf8.encode(`deMEC region v1\0${canonicalName(serviceName)}\0${region}`));
}

/** All topics of a provider of the service: the service's own, then one for each prefix of its region. */
export function providerTopics(serviceName: string, region: string): Uint8Array[] {
  return [serviceTopic(serviceName), ...regionPrefixes(region).map((prefix) => regionTopic(serviceName, prefix))];
}

/** Discovery topic of nodes that relay for others: SHA-256("deMEC relay v1"), 32 bytes. */
export function relayTopic(): Uint8Array {
  return sha256(utf8.encode("deMEC relay v1"));
}

function canonicalName(serviceName: string): string {
  const name = serviceName.toLowerCase();
  if (!SERVICE_NAME.test(name)) {
    throw new DemecError("protocol/bad-service-name", `"${serviceName}" names no service.`, {
      details: { serviceName },
    });
  }
  return name;
}
