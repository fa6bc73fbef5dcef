import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { type ImportOptions, installTexts, readSource } from "../profile/move-profile.ts";
import { mapReference } from "./map-reference.ts";
import { stateLeft } from "./reference-state.ts";

/** Makes a profile of one of the reference system, and says what has no place here. Nothing of the reference's is changed or run. */
export function importReference(context: CliContext, given: string, options: ImportOptions): void {
  const path = resolve(context.cwd, given);
  const file = statSync(path, { throwIfNoEntry: false })?.isDirectory() ? join(path, "control-plane.yaml") : path;
  const environment = namesIn(join(dirname(file), "runtime.env"));
  if (environment.forge === "gitea") {
    throw new UserError(
      `${file} works on Gitea (runtime.env says so), and only GitHub and what speaks its API are worked with. Nothing was written.`,
    );
  }
  const mapped = mapReference(readSource(file), file);
  const state = stateLeft(mapped.agentRoot, mapped.stateRoot);
  const secrets = environment.secrets;
  const notes =
    secrets.length === 0 ? [] : [`runtime.env holds ${secrets.join(", ")}: put the token into secrets.env yourself.`];
  const more = { carried: mapped.carried, left: mapped.left, state, secrets };
  const told = [
    ...mapped.carried.map(({ from, to, note }) => `carried  ${from} -> ${to}${note === null ? "" : ` (${note})`}`),
    ...mapped.left.map(({ key, why }) => `left     ${key}: ${why}`),
    ...state.map(({ what, count, advice }) => `stays    ${count} ${what}: ${advice}`),
  ];
  const files = { "control-plane.yaml": mapped.text };
  installTexts(context, { source: file, id: mapped.id, files, notes, more, told }, options);
}

/** Read as text, never as a shell would: which forge it is, and which names look like secrets. Their values go nowhere. */
function namesIn(file: string): { forge: "github" | "gitea"; secrets: readonly string[] } {
  const lines = existsSync(file) ? readFileSync(file, "utf8").split(/\r?\n/) : [];
  const names = lines.filter((line) => /^\s*(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*=.+$/.test(line));
  const isGitea = names.some((line) => /ACP_FORGE_PROVIDER=["']?gitea/.test(line));
  const secrets = names
    .map((line) => line.replace(/^\s*(?:export\s+)?/, "").split("=", 1)[0] ?? "")
    .filter((name) => /TOKEN|PASSWORD|SECRET|KEY$/.test(name));
  return { forge: isGitea ? "gitea" : "github", secrets: [...new Set(secrets)] };
}
