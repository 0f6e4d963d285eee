export { type ServeConsoleOptions, type ServedConsole, serveConsole } from "./serveConsole.ts";
export type { ConsoleSettings, GuideSettings, LightSettings } from "./settings.ts";
