import type { Advert, AdvertisedService } from "../messages.ts";
import { assertAllRead, listUpTo, plainView, struct } from "./combinators.ts";
import { bool, malformed, type State, uint, uint8, uint32, uint128, uint256 } from "./primitives.ts";
import { address } from "./sessionMessages.ts";

/** Services that one advert tells of at most: so many always fit a DHT record of 1,000 bytes, addresses beside them. */
export const MAX_ADVERTISED_SERVICES = 8;
const ADVERT_VERSION = 1;

const advertised = struct<AdvertisedService>({
  serviceId: uint256,
  freeSessions: uint32,
  maxCredits: uint128,
  minValuePerCredit: uint128,
  bondPerCredit: uint128,
});

const advertFields = struct<Advert>({
  chainId: uint,
  accessToken: address,
  owner: address,
  expiry: uint,
  inBrowser: bool,
  services: listUpTo(MAX_ADVERTISED_SERVICES, advertised),
});

/** An advert as it stands in the DHT, 743 bytes at most. @throws protocol/out-of-range */
export function encodeAdvert(advert: Advert): Uint8Array {
  const state: State = { start: 0, end: 1, buffer: new Uint8Array(0) };
  advertFields.preencode(state, advert);
  state.buffer = new Uint8Array(state.end);
  uint8.encode(state, ADVERT_VERSION);
  advertFields.encode(state, advert);
  return state.buffer;
}

/** Inverse of {@link encodeAdvert}. @throws protocol/malformed, for another version too */
export function decodeAdvert(bytes: Uint8Array): Advert {
  const state: State = { start: 0, end: bytes.length, buffer: plainView(bytes) };
  const version = uint8.decode(state);
  if (version !== ADVERT_VERSION) throw malformed(`An advert has version ${version} instead of ${ADVERT_VERSION}.`);
  const advert = advertFields.decode(state);
  assertAllRead(state);
  return advert;
}
