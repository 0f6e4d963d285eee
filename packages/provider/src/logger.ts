type Log = (fields: Readonly<Record<string, unknown>>, message: string) => void;

/** The part of pino that the portable core uses. */
export interface Logger {
  readonly debug: Log;
  readonly info: Log;
  readonly warn: Log;
  readonly error: Log;
}
