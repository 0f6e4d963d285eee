/**
 * Largest frame, header included: 16 MiB less 1 KiB, so that a frame with the multiplexer's own header still fits one
 * atomic write of the encrypted stream (2^24 − 1 bytes).
 */
export const MAX_FRAME_BYTES = 2 ** 24 - 1024;

/** Human-readable text (messages, agent): longer text is cut when it is sent. Bytes of UTF-8. */
export const MAX_TEXT_BYTES = 1024;
/** Codes of errors and refusals. Bytes of UTF-8. */
export const MAX_CODE_BYTES = 64;
/** What is said about access in one message: chains of grants with the signatures of contract wallets. Bytes of UTF-8. */
export const MAX_ACCESS_BYTES = 60 * 1024;
/** One argument, or one name or value of the environment. Bytes of UTF-8. */
export const MAX_ARGUMENT_BYTES = 128 * 1024;
/** Arguments of one invocation; variables of its environment. */
export const MAX_ARGUMENTS = 4096;
/** Calls in one proposal, results and faults each; receipts of a half-signed state. */
export const MAX_PROPOSAL_ITEMS = 65_536;
/** One encoded receipt; room for later versions. */
export const MAX_RECEIPT_BYTES = 1024;
/** Output and stderr of one call together: what a result can carry beside its own fields. */
export const MAX_OUTPUT_BYTES = MAX_FRAME_BYTES - 1024;
