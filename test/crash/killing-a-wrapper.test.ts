import { existsSync } from "node:fs";
import { join } from "node:path";
import { findMarked } from "@agent-control-plane/runners";
import { afterEach, expect, it } from "vitest";
import { git, until } from "../support/product.ts";
import { killHard, startDaemon } from "./support/daemon.ts";
import { type CrashProject, makeCrashProject } from "./support/project.ts";
import { expectProvenEnd, untilSettled } from "./support/proven-end.ts";

let project: CrashProject | undefined;
afterEach(async () => project?.product.close());

it("ends the agent of a killed wrapper, keeps what it had made, and tries the issue again", async () => {
  // The first try leaves a file and processes that would stay for ever; the second does its work.
  const firstTry = "echo half > half-done.md; (setsid sleep 1000 &) ; sleep 1000";
  project = await makeCrashProject({
    issues: 1,
    work: `if test "$(wc -l < "$STARTED")" -lt 2; then ${firstTry}; fi`,
    configure: { "execution.retry.cooldowns": [0.5], "limits.max_concurrent_workers": 1 },
  });
  const { product, store, anchor } = project;
  await startDaemon(product);
  const session = await until("an agent that has begun", async () => {
    const [running] = await store.sessions.list({ states: ["running"] });
    return running && existsSync(join(running.worktreePath, "half-done.md")) && running;
  });
  await until("its processes", async () => findMarked(session.id).length >= 3);
  if (!session.wrapper) throw new Error("a running session has a wrapper");
  expect(await killHard(session.wrapper)).toBe(true);
  await until("no process of it is left", async () => findMarked(session.id).length === 0, 10_000);
  await untilSettled(project, 60_000);
  await product.json("runtime", "stop", "--profile-id", "web");

  expect(await store.sessions.get(session.id)).toMatchObject({
    ending: { exitReason: "lost", processes: { survivors: 0 } },
    outcome: "try-again",
  });
  const kept = project.refs().filter((ref) => ref.endsWith(`/${session.id}`));
  expect(kept.map((ref) => git(anchor, "show", `${ref}:half-done.md`))).toContain("half");
  await expectProvenEnd(project);
  expect(project.worked()).toEqual([1, 1]);
}, 120_000);
