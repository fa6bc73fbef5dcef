// `npm run demo [-- options]`: build if needed, then the demo of the built package. Its exit code is ours.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildPackage } from "./build.mjs";

const cli = join(await buildPackage(), "dist", "cli.js");
if (!existsSync(cli)) throw new Error(`The package has no command line yet: ${cli} was not built.`);
const demo = spawn(process.execPath, [cli, "demo", ...process.argv.slice(2)], { stdio: "inherit" });
// Ctrl-C reaches the demo by itself (same terminal); it ends what it started, and we wait for that.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => demo.kill("SIGTERM"));
demo.once("exit", (code) => {
  process.exitCode = code ?? 1;
});
