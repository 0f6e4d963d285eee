import type { Command } from "commander";

/** Columns of the help texts in the documentation. */
const WIDTH = 110;

const HEAD = `# The demec command

<!-- Made from the program by \`pnpm build:cli-docs\`: change the commands, not this page. -->

An option's value comes from the first of these that has it:

1. the flag,
2. the environment variable that its help names,
3. \`settings\` in the \`demec.json\` of the project around the working directory,
4. \`config.json\` in \`~/.demec\` (or in DEMEC_HOME),
5. the network of \`demec dev\`, while one runs on this machine and neither \`--rpc\` nor \`--deployment\` was named above,
6. the default.

In files, options have their names in camel case, and those of a command stand under its name:
\`{ "rpc": "https://…", "account": "main", "deploy": { "royalty": 50 }, "provider": { "start": { "metrics": 9464 } } }\`.

Keys are kept encrypted (\`demec keys\`), and \`--account\` names one. Without it the key is that of DEMEC_PRIVATE_KEY, of
\`demec dev\`, or the keystore's \`default\`. A key's password comes from DEMEC_PASSWORD, from \`--password-file\`, or is asked
for.

A service is named by its CAIP-19 id, by its number in the market, or by the name under which it was deployed from here.

With \`--json\` a command prints its result as one line of JSON on stdout, and what went wrong, with its code, as one on
stderr. Exit code 0: done; 1: it could not be done; what else a command exits with stands with it.

\`demec completion bash\` (or zsh, fish, powershell) prints what lets the shell complete commands and options:
\`source <(demec completion bash)\`.
`;

/** The page of documentation for a program: how settings are found, then the help of every command. */
export function cliReference(program: Command): string {
  return [HEAD, ...commandsOf(program).map(section)].join("\n");
}

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

function section(command: Command): string {
  let help = "";
  command.configureOutput({
    writeOut: (text) => {
      help += text;
    },
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return `## ${nameOf(command)}\n\n\`\`\`\n${help.trimEnd()}\n\`\`\`\n`;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
