import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { reapSession } from "./reap-session.ts";
import { sessionFiles } from "./session-files.ts";

it("the copy of a login goes with a session whose wrapper was killed, and nothing else does", async () => {
  const root = temporaryFolder();
  const runDir = join(root, "runs", "s1");
  const own = join(root, "person", "auth.json");
  const made = (path: string) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "{}");
    return path;
  };
  const copy = made(join(runDir, "home", "codex", "auth.json"));
  const shared = made(join(root, "runs", "conversations", "s0", "home", "codex", "auth.json"));
  const settings = made(join(runDir, "home", "codex", "config.json"));
  made(own);
  symlinkSync(dirname(own), join(runDir, "home", "linked"));
  const seedFiles = [
    { from: own, to: copy, isSecret: true },
    { from: own, to: shared, isSecret: true },
    { from: own, to: settings },
    { from: own, to: own, isSecret: true },
    { from: own, to: join(runDir, "home", "linked", "auth.json"), isSecret: true },
    { from: own, to: join(runDir, "..", "..", "person", "auth.json"), isSecret: true },
    { to: 7, isSecret: true },
    null,
  ];
  writeFileSync(sessionFiles.spec(runDir), JSON.stringify({ seedFiles }));
  expect(await reapSession({ sessionId: "s1", runDir, proofMs: 100 })).toMatchObject({ kind: "reaped" });
  expect([copy, shared, settings, own].map((path) => existsSync(path))).toEqual([false, false, true, true]);
});

it("a spec that is none keeps nothing from being reaped", async () => {
  const runDir = temporaryFolder();
  writeFileSync(sessionFiles.spec(runDir), "[");
  expect(await reapSession({ sessionId: "s2", runDir, proofMs: 100 })).toMatchObject({ kind: "reaped" });
});
