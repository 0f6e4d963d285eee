/** `getRandomValues` gives so many bytes at once. */
const QUOTA_BYTES = 65_536;

export function randomBytes(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += QUOTA_BYTES) {
    crypto.getRandomValues(bytes.subarray(start, start + QUOTA_BYTES) as Uint8Array<ArrayBuffer>);
  }
}
