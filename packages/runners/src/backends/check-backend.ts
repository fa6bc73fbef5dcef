import { execFile } from "node:child_process";
import type { BackendSettings } from "@agent-control-plane/core";
import { type Backend, oneLine } from "./backend.ts";

export type BackendHealth =
  | { readonly ok: true; readonly version: string }
  | { readonly ok: false; readonly problem: string };

/** Is the backend's program there and does it answer with its version? Spends no tokens; at most `timeoutMs`. */
export async function checkBackend(request: {
  readonly backend: Backend;
  readonly settings: BackendSettings;
  /** What a session would get; PATH decides which program is meant. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}): Promise<BackendHealth> {
  const { backend, settings, env } = request;
  const asked = backend.versionCommand(settings);
  if (!asked) return { ok: true, version: "" };
  const timeout = request.timeoutMs ?? 20_000;
  return new Promise((resolve) => {
    const child = execFile(
      asked.file,
      [...asked.args],
      { env: { ...env }, timeout, killSignal: "SIGKILL" },
      (error, stdout, stderr) => {
        const version = stdout.trim().split("\n", 1)[0] ?? "";
        if (!error && version !== "") resolve({ ok: true, version });
        else resolve({ ok: false, problem: problemOf(backend.name, asked.file, env.PATH ?? "", error, stderr) });
      },
    );
    child.stdin?.end();
  });
}

function problemOf(name: string, file: string, path: string, error: Error | null, stderr: string): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOENT") {
    return `Backend "${name}" needs the program "${file}", which is not on this PATH: ${path}. Install it, or name its file in the profile.`;
  }
  const said = oneLine(stderr);
  if (error && said !== "") return `Backend "${name}": ${said}.`;
  const how = error ? error.message.split("\n", 1)[0] : "it printed nothing";
  return `Backend "${name}": "${file}" did not print its version: ${how}.`;
}
