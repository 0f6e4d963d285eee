import { DemecError } from "@demec/protocol";
import { readBytes } from "./config.ts";

/**
 * A password: from DEMEC_PASSWORD, from the first line of a file, or asked for where there is a terminal. It never stands
 * on a command line, where everybody on the machine could read it.
 * @param what it opens, for people
 * @param confirm whether it is asked for twice: it is about to be set
 * @throws cli/no-password
 */
export async function readPassword(
  what: string,
  { passwordFile, confirm = false }: { readonly passwordFile: string | undefined; readonly confirm?: boolean },
): Promise<string> {
  const given =
    process.env.DEMEC_PASSWORD ??
    (passwordFile === undefined
      ? undefined
      : new TextDecoder().decode(readBytes("Password file", passwordFile)).split(/\r?\n/)[0]);
  if (given !== undefined) return given;
  if (!process.stdin.isTTY) {
    throw new DemecError("cli/no-password", `The password of ${what} can't be asked for: there is no terminal.`);
  }
  const { default: ask } = await import("@inquirer/password");
  // The prompt stays off stdout, which is the output of the command.
  const asked = (message: string) => ask({ message, mask: "*" }, { output: process.stderr, clearPromptOnDone: true });
  const password = await asked(`Password of ${what}`);
  if (confirm && (await asked("Once more")) !== password) {
    throw new DemecError("cli/wrong-password", "The two passwords differ.");
  }
  return password;
}
