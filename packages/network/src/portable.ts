// What runs in a browser too: channels over any Noise stream, and the names of topics.
export { Connection } from "./connection.ts";
export type * from "./connectionTypes.ts";
export { providerTopics, regionTopic, serviceTopic } from "./topics.ts";
