// The foreground runtime under Ctrl-C: the first drains and says so, the second ends sessions now, the third leaves.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { findMarked } from "@agent-control-plane/runners";
import { afterEach, beforeEach, expect, it } from "vitest";
import { builtCli, installProfile, makeProduct, type Product, until } from "../support/product.ts";

let product: Product;
let daemon: Daemon | undefined;
beforeEach(() => {
  product = makeProduct();
});
afterEach(async () => {
  daemon?.child.kill("SIGKILL");
  await product.close();
});

it("without sessions one Ctrl-C ends it", async () => {
  await installProfile(product, { shellCommand: "true" });
  daemon = await runHere();
  daemon.child.kill("SIGINT");
  expect(await daemon.ended).toEqual({ code: 0, signal: null });
  expect(daemon.said()).toContain("stopping: sessions may end by themselves for 60 s");
  expect(daemon.said().trimEnd()).toMatch(/stopped$/);
  expect(await product.json("runtime", "status")).toMatchObject({ profiles: [{ running: false }] });
});

it("the first drains, the second ends the sessions and leaves nothing of them", async () => {
  const { session } = await withBusySession();
  daemon?.child.kill("SIGINT");
  await until("it says that it drains", async () => daemon?.said().includes("Ctrl-C again ends them now"));
  await until("it drains", async () => {
    const { profiles } = await product.json<{ profiles: { state: string }[] }>("runtime", "status");
    return profiles[0]?.state === "draining";
  });
  expect(findMarked(session).length).toBeGreaterThan(0);

  daemon?.child.kill("SIGINT");
  expect(await daemon?.ended).toEqual({ code: 0, signal: null });
  expect(daemon?.said()).toContain("ending the sessions now; Ctrl-C again leaves at once");
  expect(findMarked(session)).toEqual([]);
});

it("the third leaves at once; the next stop finds what was left", async () => {
  const { session } = await withBusySession("trap '' TERM; ");
  for (const word of ["Ctrl-C again ends them now", "Ctrl-C again leaves at once"]) {
    daemon?.child.kill("SIGINT");
    await until(word, async () => daemon?.said().includes(word));
  }
  daemon?.child.kill("SIGINT");
  expect(await daemon?.ended).toEqual({ code: null, signal: "SIGINT" });

  expect(await product.json("runtime", "stop")).toMatchObject({ status: "stopped", survivors: 0 });
  expect(findMarked(session)).toEqual([]);
});

interface Daemon {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  said(): string;
}

/** A session that would go on for minutes, under a drain limit that is longer than this test. */
async function withBusySession(before = ""): Promise<{ readonly session: string }> {
  const begun = join(product.folder, "begun");
  await installProfile(product, { shellCommand: `${before}echo > "${begun}"; while :; do sleep 1; done` });
  await product.json("issue", "create", "--title", "Work", "--label", "agent-ready");
  daemon = await runHere();
  await until("the worker works", async () => existsSync(begun));
  const { sessions } = await product.json<{ sessions: { id: string }[] }>("sessions", "list");
  return { session: sessions[0]?.id ?? "" };
}

async function runHere(): Promise<Daemon> {
  product.configure("web", { "scheduler.drain_seconds": 60 });
  const child = spawn(process.execPath, [builtCli, "runtime", "run"], {
    cwd: product.folder,
    env: product.env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (part) => (text += part));
  const ended = new Promise<{ code: number | null; signal: string | null }>((done) =>
    child.once("exit", (code, signal) => done({ code, signal })),
  );
  await until("it is ready", async () => text.includes("ready: web"));
  return { child, ended, said: () => text };
}
