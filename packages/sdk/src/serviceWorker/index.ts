export { type AnswerFetchesOptions, answerFetches, type ServedService } from "./answerFetches.ts";
export { type RegisterDemecOptions, registerDemec } from "./registerDemec.ts";
