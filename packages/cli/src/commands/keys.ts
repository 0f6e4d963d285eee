import { readFileSync } from "node:fs";
import { demecHome } from "@demec/sdk/node";
import type { Command } from "commander";
import { isHex } from "viem";
import { generatePrivateKey } from "viem/accounts";
import { readBytes } from "../config.ts";
import { badOption } from "../errors.ts";
import { decryptKeystore, keyAddress, listKeys, saveKey, unlockKey } from "../keystore.ts";
import { print, step, table } from "../output.ts";
import { readPassword } from "../password.ts";

interface Globals {
  readonly json: boolean;
  readonly passwordFile?: string;
}

export function addKeys(program: Command): void {
  const keys = program
    .command("keys")
    .description("keys that pay and sign, kept encrypted (keystore version 3, scrypt)");
  const globals = (command: Command) => {
    const { json, passwordFile } = command.optsWithGlobals<Globals>();
    return { json, passwordFile, home: demecHome(process.env) };
  };
  const save = async (name: string, privateKey: `0x${string}`, command: Command) => {
    const { json, passwordFile, home } = globals(command);
    const password = await readPassword(`key "${name}"`, { passwordFile, confirm: true });
    const stored = await step("encrypting", () => saveKey(home, name, privateKey, password));
    print(json, stored, `${stored.name}  ${stored.address}`);
  };

  keys
    .command("new")
    .description("make a key")
    .argument("<name>", 'what it is called here; "default" is used when no other is named')
    .addHelpText("after", "\nExample:\n  demec keys new default")
    .action((name: string, _options: unknown, command: Command) => save(name, generatePrivateKey(), command));

  keys
    .command("import")
    .description("keep a key that exists: from a keystore file, or as 64 hex digits on stdin")
    .argument("<name>", "what it is called here")
    .argument("[keystore]", "file of another wallet, version 3")
    .addHelpText(
      "after",
      "\nExamples:\n  demec keys import default UTC--2026-01-31--f39f….json\n  pass show wallet | DEMEC_PASSWORD=… demec keys import default",
    )
    .action(async (name: string, file: string | undefined, _options: unknown, command: Command) => {
      const { passwordFile } = globals(command);
      if (file === undefined) return save(name, parseKey(readFileSync(0, "utf8").trim()), command);
      const keystore = new TextDecoder().decode(readBytes("Keystore", file));
      const password = await readPassword(`keystore ${file}`, { passwordFile });
      return save(name, await decryptKeystore(keystore, password), command);
    });

  keys
    .command("list")
    .description("keys and their addresses")
    .action((_options: unknown, command: Command) => {
      const { json, home } = globals(command);
      const all = listKeys(home);
      const rows = all.map(({ name, address }) => [name, address]);
      print(json, all, table(["name", "address"], rows, "no keys yet: demec keys new default"));
    });

  keys
    .command("address")
    .description("address of a key")
    .argument("<name>", "what it is called here")
    .action((name: string, _options: unknown, command: Command) => {
      const { json, home } = globals(command);
      const address = keyAddress(home, name);
      print(json, { name, address }, address);
    });

  keys
    .command("export")
    .description("print a private key, for another wallet; whoever reads it owns the account")
    .argument("<name>", "what it is called here")
    .action(async (name: string, _options: unknown, command: Command) => {
      const { json, passwordFile, home } = globals(command);
      const privateKey = await unlockKey(home, name, await readPassword(`key "${name}"`, { passwordFile }));
      print(json, { name, privateKey }, privateKey);
    });
}

/** The text never stands in the error: it may be nearly a key. */
function parseKey(text: string): `0x${string}` {
  const key = text.startsWith("0x") ? text : `0x${text}`;
  if (!isHex(key) || key.length !== 66) throw badOption("What stands on stdin is no private key of 64 hex digits.", {});
  return key;
}
