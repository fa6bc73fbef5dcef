import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenStore, openStore, openStoreToRead, profileFile, storePath } from "@agent-control-plane/core";
import { ManualClock } from "@agent-control-plane/testkit";
import { onTestFinished } from "vitest";
import type { CliContext } from "../../src/context.ts";
import { StateSource } from "../../src/dashboard/state-source.ts";

/** A runtime home with valid profiles and a store that the test writes as a daemon would; nothing runs. */
export async function aHome(...profileIds: readonly string[]) {
  const { close, ...home } = await openHome(...profileIds);
  onTestFinished(close);
  return home;
}

/** The same for all tests of a file. */
export async function openHome(...profileIds: readonly string[]) {
  const home = mkdtempSync(join(tmpdir(), "acp-home-"));
  const clock = new ManualClock();
  mkdirSync(join(home, "state"), { recursive: true });
  const writeProfile = (
    id: string,
    text = `id: ${id}\nrepo: { slug: ann/${id} }\nexecution: { coding_worker: codex }\n`,
  ) => {
    mkdirSync(join(profileFile(home, id), ".."), { recursive: true });
    writeFileSync(profileFile(home, id), text);
  };
  for (const id of profileIds) writeProfile(id);
  const store: OpenStore = await openStore({ path: storePath(home), clock });
  /** What the source has asked of the store, until the test takes it away. */
  const statements: string[] = [];
  const onStatement = (sql: string) => void statements.push(sql);
  const source = new StateSource({ home, clock, env: {} } as unknown as CliContext, (at) =>
    openStoreToRead({ path: storePath(at), clock, onStatement }),
  );
  const close = async () => {
    await source.close();
    await store.close();
    rmSync(home, { recursive: true });
  };
  return { home, clock, store, source, statements, writeProfile, close };
}
