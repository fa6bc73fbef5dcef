import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scenarios } from "@agent-control-plane/scripted-model";
import { pythonBackend } from "../../../src/backends/index.ts";
import { documented } from "../../fixtures/documented.ts";
import type { BackendRow } from "./row.ts";

/** The worker of docs/backends.md, as it stands there. */
const folder = mkdtempSync(join(tmpdir(), "acp-worker-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const script = join(folder, "worker.py");
writeFileSync(script, documented("python", "def ask("));

const hasPython = spawnSync("python3", ["--version"]).status === 0;

export const row: BackendRow = {
  backend: pythonBackend,
  cli: null,
  model: null,
  settings: () => ({ script }),
  env: ({ url }) => ({ WORKER_URL: url, WORKER_KEY: "key-test", WORKER_TURNS: "10000" }),
  cannotPlay: hasPython ? {} : Object.fromEntries(scenarios.map((each) => [each, "there is no python3 on the PATH"])),
};
