import { DemecError, type Hex, MAX_RTC_CANDIDATES, type RtcCandidate, type RtcDescription } from "@demec/protocol";
import { MAX_CHANNEL_MESSAGE_BYTES } from "./rtcPeer.ts";

/** SCTP's port inside DTLS, as everybody has it (RFC 8841). */
const SCTP_PORT = 5000;

/**
 * The session description (SDP) of a peer connection with one data channel, as WebRTC's interfaces take it. Of two ends whose
 * connections have nothing else it differs only in what a description has. The answering end begins DTLS: it
 * is the one that is called, and the last to know that there is a way.
 */
export function toSdp(type: "offer" | "answer", { ufrag, pwd, fingerprint, candidates }: RtcDescription): string {
  const digest = fingerprint.slice(2).toUpperCase().match(/../g)!.join(":");
  return [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    `a=fingerprint:sha-256 ${digest}`,
    `a=setup:${type === "offer" ? "actpass" : "active"}`,
    "a=mid:0",
    `a=sctp-port:${SCTP_PORT}`,
    `a=max-message-size:${MAX_CHANNEL_MESSAGE_BYTES}`,
    ...candidates.map(candidateLine),
    "a=end-of-candidates",
    "",
  ].join("\r\n");
}

/** RFC 8839, section 5.1. */
function candidateLine({ type, priority, host, port }: RtcCandidate, index: number): string {
  const related = type === "host" ? "" : " raddr 0.0.0.0 rport 0";
  return `a=candidate:${index + 1} 1 UDP ${priority} ${host} ${port} typ ${type}${related}`;
}

/**
 * Reads what this end's own WebRTC says. Candidates of names (`….local`, by which browsers hide a page's address) and of TCP are
 * left out: the first mean nothing outside the local network, and a node that can be reached finds out where a page is.
 */
export function fromSdp(sdp: string): RtcDescription {
  const ufrag = field(sdp, /^a=ice-ufrag:(\S+)/m);
  const pwd = field(sdp, /^a=ice-pwd:(\S+)/m);
  const digest = field(sdp, /^a=fingerprint:sha-256 ([0-9A-F:]+)/im);
  const lines = sdp.matchAll(
    /^a=candidate:\S+ 1 udp (\d+) ([0-9a-f.]*[:.][0-9a-f.:]+) (\d+) typ (host|srflx|relay)\b/gim,
  );
  const candidates = [...lines].map(([, priority, host, port, type]) => ({
    type: type as RtcCandidate["type"],
    priority: Number(priority),
    host: host!,
    port: Number(port),
  }));
  return {
    ufrag,
    pwd,
    fingerprint: `0x${digest.replaceAll(":", "").toLowerCase()}` as Hex,
    candidates: candidates.sort((a, b) => b.priority - a.priority).slice(0, MAX_RTC_CANDIDATES),
  };
}

function field(sdp: string, pattern: RegExp): string {
  const value = pattern.exec(sdp)?.[1];
  if (value === undefined) {
    throw new DemecError(
      "network/webrtc-failed",
      "This platform's WebRTC describes itself in a way that is not known.",
      {
        details: { sdp },
      },
    );
  }
  return value;
}
