// Runs on any Node >= 20 with nothing installed: brings the workspace up from the lockfile, then hands over to
// `pnpm run <script>`, under which the pinned Node 24 from npm comes first on the path.
import { installPackages, runScript } from "./install.mjs";

const [script, ...args] = process.argv.slice(2);
installPackages();
runScript(script, args, "inherit");
