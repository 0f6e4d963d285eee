import assert from "node:assert/strict";
import { test } from "node:test";
import type { RtcDescription } from "@demec/protocol";
import { fromSdp, toSdp } from "./sessionDescription.ts";

const DESCRIPTION: RtcDescription = {
  ufrag: "ab+/",
  pwd: "0123456789abcdefghijkl",
  fingerprint: `0x${"a1".repeat(32)}`,
  candidates: [
    { type: "host", priority: 2_114_977_791, host: "192.0.2.7", port: 4002 },
    { type: "srflx", priority: 1_694_498_815, host: "2001:db8::1", port: 65_535 },
  ],
};

test("a description survives being a session description, of an offer and of an answer", () => {
  assert.deepEqual(fromSdp(toSdp("offer", DESCRIPTION)), DESCRIPTION);
  assert.deepEqual(fromSdp(toSdp("answer", DESCRIPTION)), DESCRIPTION);
});

test("of what Chromium says, names and TCP are left out, and the best ways are kept", () => {
  const line = (rest: string) => `a=candidate:395208246 ${rest} generation 0 network-cost 999`;
  const sdp = [
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    line("1 udp 2113937151 9b72ed1d-fae5-4317-84bb-68ff51e16579.local 49902 typ host"),
    line("1 tcp 1518280447 192.0.2.1 9 typ host tcptype active"),
    line("2 udp 2113937150 192.0.2.1 49903 typ host"),
    ...Array.from({ length: 12 }, (_, i) => line(`1 udp ${1000 + i} 192.0.2.${i} ${5000 + i} typ srflx raddr 0.0.0.0`)),
    line("1 udp 7 fe80::1 5012 typ relay raddr 192.0.2.1 rport 9"),
    "a=ice-ufrag:BEBV",
    "a=ice-pwd:5tMLn4MwladCLlGBkFE4tC4T",
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => "D3").join(":")}`,
  ].join("\r\n");
  const { candidates, ...rest } = fromSdp(sdp);
  assert.deepEqual(rest, {
    ufrag: "BEBV",
    pwd: "5tMLn4MwladCLlGBkFE4tC4T",
    fingerprint: `0x${"d3".repeat(32)}`,
  });
  assert.deepEqual(
    candidates.map(({ type, host }) => `${type} ${host}`),
    [11, 10, 9, 8, 7, 6, 5, 4].map((i) => `srflx 192.0.2.${i}`),
  );
});

test("what doesn't describe itself is refused", () => {
  assert.throws(() => fromSdp("v=0\r\n"), { code: "network/webrtc-failed" });
});
