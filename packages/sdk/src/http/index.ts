export { type BegunStream, begin, contentHeaders, executionFailed, receiptHeaders } from "./answer.ts";
export { type HttpCall, readCall } from "./callRequest.ts";
export { callStatusOf, type Problem, problemFrom } from "./problem.ts";
