import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenStore, openStore, type StoreOptions } from "@agent-control-plane/core";
import { onTestFinished } from "vitest";

export interface TemporaryStore {
  readonly store: OpenStore;
  readonly path: string;
  /** Another store object on the same file, as a second process would have; closed with the test. */
  open(options?: Omit<StoreOptions, "path">): Promise<OpenStore>;
}

/** A real store file for the running test; removed at its end, or kept and named on stderr when the test fails. */
export async function temporaryStore(options: Omit<StoreOptions, "path"> = {}): Promise<TemporaryStore> {
  const folder = temporaryFolder("acp-store-");
  const path = join(folder, "store.db");
  const open = async (own: Omit<StoreOptions, "path"> = options): Promise<OpenStore> => {
    const store = await openStore({ path, ...own });
    onTestFinished(() => store.close());
    return store;
  };
  return { store: await open(), path, open };
}

/** An empty folder for the running test; removed at its end, or kept and named on stderr when the test fails. */
export function temporaryFolder(prefix = "acp-test-"): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  onTestFinished(({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(`Kept for a look: ${folder} (${task.name})\n`);
    else rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
