import { nativeModuleProblem, storeSchema } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { packageVersion } from "../version.ts";
import { currentId } from "./installed-versions.ts";
import { runningNode } from "./manifest.ts";
import { packageName } from "./places.ts";
import { builtPackage } from "./running-package.ts";

/** `acp version --json`: what this program is, where it lies and what it runs on. Reads only. */
export function describeProgram({ home }: Pick<CliContext, "home">) {
  const own = builtPackage(home);
  const node = runningNode();
  return {
    name: packageName,
    version: packageVersion(),
    commit: own?.commit ?? null,
    path: own?.folder ?? null,
    source: own?.kind ?? "checkout",
    current: currentId(home),
    storeSchema,
    node: node.version,
    nodePath: node.path,
    abi: node.abi,
    platform: node.platform,
    arch: node.arch,
    native: nativeModuleProblem() ?? "loads",
  };
}
