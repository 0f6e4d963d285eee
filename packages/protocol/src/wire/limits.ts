/** Largest frame that travels whole, header included; a larger one travels as a stream of fragments. */
export const MAX_FRAME_BYTES = 65_536;
/** Bytes of a fragment: with its header and length it fills a batch of 64 KiB. */
export const FRAGMENT_BYTES = MAX_FRAME_BYTES - 64;
/** Largest frame that comes in fragments, whole. */
export const MAX_MESSAGE_BYTES = 2 ** 24 - 1024;
/** What may be under way of one stream beyond what its receiver has taken. */
export const STREAM_WINDOW_BYTES = 512 * 1024;
/** Frames that travel in fragments at once, and outputs of running calls, in each direction of a connection. */
export const MAX_FRAME_STREAMS = 4;
export const MAX_OUTPUT_STREAMS = 64;

/** Human-readable text (messages, agent): longer text is cut when it is sent. Bytes of UTF-8. */
export const MAX_TEXT_BYTES = 1024;
/** Codes of errors and refusals. Bytes of UTF-8. */
export const MAX_CODE_BYTES = 64;
/** One argument, or one name or value of the environment. Bytes of UTF-8. */
export const MAX_ARGUMENT_BYTES = 128 * 1024;
/** Arguments of one invocation; variables of its environment. */
export const MAX_ARGUMENTS = 4096;
/** Calls in one proposal, results and faults each; receipts of a half-signed state. */
export const MAX_PROPOSAL_ITEMS = 65_536;
/** One encoded receipt; room for later versions. */
export const MAX_RECEIPT_BYTES = 1024;
/** Output and stderr of one call together: what a result can carry beside its own fields. */
export const MAX_OUTPUT_BYTES = MAX_MESSAGE_BYTES - 1024;
