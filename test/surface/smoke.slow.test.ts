// Acceptance: the self-check of an installation tells the truth, leaves nothing behind and touches no runtime home.
import { execFile, spawn } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { builtCli } from "../support/product.ts";

interface Smoked {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function around(env: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder("acp-smoked-");
  const places = { HOME: join(folder, "home"), TMPDIR: join(folder, "tmp"), AGENT_RUNTIME_HOME: join(folder, "real") };
  for (const place of Object.values(places)) mkdirSync(place);
  const left = () =>
    Object.values(places).flatMap((place) => readdirSync(place, { recursive: true, encoding: "utf8" }));
  return { env: { PATH: process.env.PATH, ...places, ...env }, left };
}

const smoke = (env: NodeJS.ProcessEnv, ...flags: string[]) =>
  new Promise<Smoked>((done) => {
    execFile(process.execPath, [builtCli, "smoke", ...flags], { env }, (error, stdout, stderr) =>
      done({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });

it("a whole installation passes, with every step told, whatever this shell has set", async () => {
  const { env, left } = around({ ACP_CODING_WORKER: "nobody", ACP_PROJECT_ID: "other", GITHUB_TOKEN: "not-for-it" });
  const { code, stdout, stderr } = await smoke(env, "--json");
  expect(code, stderr).toBe(0);
  const found = JSON.parse(stdout);
  expect(found).toMatchObject({ ok: true, failed: null, problem: null, log: [] });
  expect(found.steps.map(({ name }: { name: string }) => name)).toEqual(
    ["init", "start", "work", "publish", "stop", "clean-up"], // as they are told
  );
  expect(stderr.match(/^ok {5}/gm)).toHaveLength(6);
  expect(left()).toEqual([]);
});

it("one without git is told by the step that failed", async () => {
  const { env, left } = around({ PATH: "/nowhere" });
  const { code, stdout } = await smoke(env, "--json");
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, failed: "init", problem: expect.stringContaining("git") });
  expect(left()).toEqual([]);
});

it("an interrupt cleans up, too, and ends with 130", async () => {
  const { env, left } = around();
  const child = spawn(process.execPath, [builtCli, "smoke"], { env, stdio: ["ignore", "ignore", "pipe"] });
  const code = await new Promise<number | null>((done) => {
    child.once("close", done);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      // The runtime works by now.
      if (text.includes("start ")) child.kill("SIGINT");
    });
  });
  expect(code).toBe(130);
  expect(left()).toEqual([]);
});
