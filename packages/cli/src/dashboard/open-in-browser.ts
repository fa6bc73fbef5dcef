import { spawn } from "node:child_process";
import type { CliContext } from "../context.ts";
import { isOnPath } from "../programs-on-path.ts";

const programs = (platform: NodeJS.Platform): readonly string[] =>
  platform === "darwin" ? ["open"] : ["xdg-open", "wslview"];

/** Shows an address in the person's browser. That it cannot be is said and ends nothing: the address was printed. */
export function openInBrowser(
  { env, output, platform = process.platform }: Pick<CliContext, "env" | "output" | "platform">,
  url: string,
): void {
  const wanted = programs(platform);
  const program = wanted.find((name) => isOnPath(name, env));
  if (!program) {
    output.note(`not opened: none of ${wanted.join(", ")} is on PATH; open the address yourself`);
    return;
  }
  // It may stay as long as the browser does, and is not ended with us.
  const child = spawn(program, [url], { env, stdio: "ignore", detached: true });
  child.on("error", (error) => output.note(`not opened: ${program}: ${error.message}`));
  child.on("exit", (code) => {
    if (code !== 0 && code !== null)
      output.note(`not opened: ${program} ended with ${code}; open the address yourself`);
  });
  child.unref();
}
