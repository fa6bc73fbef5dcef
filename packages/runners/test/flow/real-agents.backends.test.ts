// The vendors' own programs as workers of a flow, with a scripted model behind them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScriptedModel, startScriptedModel } from "@agent-control-plane/scripted-model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type InstalledCli, installedCli } from "../backends/clis.ts";
import { bundleWrapper } from "../fixtures/bundle-wrapper.ts";
import { flowBench } from "../fixtures/flow-bench.ts";

const [claude, codex, pi] = await Promise.all([installedCli("claude"), installedCli("codex"), installedCli("pi")]);
let root = "";
let wrapper = "";
let model: ScriptedModel;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "acp-flow-real-"));
  wrapper = join(root, "wrapper.mjs");
  await bundleWrapper("store-wrapper-entry.ts", wrapper);
  model = await startScriptedModel({
    script: ({ text }) => {
      if (text.includes("# The work that you judge")) return { wishes: [doing(verdict)], finalText: "Judged." };
      return { wishes: [doing(`echo hi > hello.txt; printf '{"summary":"said hi"}' > "$ACP_RESULT_FILE"`)] };
    },
  });
});
afterAll(async () => {
  await model.close();
  rmSync(root, { recursive: true, force: true });
});

const doing = (command: string) => ({ command, files: {} });
const verdict = `grep -q hi "$ACP_JUDGED_DIR/outputs/hello" && printf '{"verdict":"pass","feedback":"it says hi"}' > "$ACP_RESULT_FILE"`;

const fileOf = (cli: InstalledCli): string => ("file" in cli ? cli.file : "");
const pathOf = (cli: InstalledCli): string => ("path" in cli ? cli.path : (process.env.PATH ?? ""));
const isOver = ({ finishedAt }: { readonly finishedAt: number | null }) => finishedAt !== null;
const missing = [claude, codex, pi].flatMap((cli) => ("missing" in cli ? [cli.missing] : []));
const env = () => ({ A_KEY_OF_OURS: "sk-test", OPENAI_API_KEY: "sk-test", PATH: pathOf(pi) });

const executionAt = (scenario: "success" | "429-reset" | "401") => `execution:
  coding_worker: claude
  claude: { file: ${fileOf(claude)}, base_url: "${model.url(scenario)}", api_key_env: A_KEY_OF_OURS, max_retries: 0 }
  codex: { file: ${fileOf(codex)}, base_url: "${model.url(scenario)}/v1", api_key_env: OPENAI_API_KEY, max_retries: 0 }
  pi: { file: ${fileOf(pi)}, model: scripted/some-model, base_url: "${model.url(scenario)}/v1", max_retries: 0 }
  env: { pass: [A_KEY_OF_OURS, OPENAI_API_KEY] }`;

it.skipIf(missing.length > 0)(
  "codex and pi work, claude judges, and what they spent is counted",
  { timeout: 300_000 },
  async () => {
    const flow = await flowBench({
      ...{ wrapper, execution: executionAt("success"), env: env() },
      plan: `
goal: Say hi.
tasks:
  - id: codex
    worker: codex
    cwd: "@attempt"
    prompt: Write hello.txt.
    outputs: { hello: hello.txt }
    judge: { worker: claude }
  - { id: pi, worker: pi, cwd: "@attempt", prompt: Write hello.txt., outputs: { hello: hello.txt } }
  - { id: last, worker: shell, command: 'cat "$ACP_CONTEXT_DIR/L2-task.md"', depends_on: [codex, pi] }
`,
    });
    flow.start("r1");
    const wait = 240_000;
    expect(await flow.until("codex", isOver, wait)).toMatchObject({
      state: "succeeded",
      result: { summary: "said hi" },
    });
    expect(await flow.until("pi", isOver, wait)).toMatchObject({ state: "succeeded", result: { summary: "said hi" } });
    expect(await flow.until("last", isOver, wait)).toMatchObject({ state: "succeeded" });
    expect(await flow.task("codex.judge")).toMatchObject({ result: { verdict: "pass", feedback: "it says hi" } });
    expect((await flow.store.flows.spend("f1")).tokens).toBeGreaterThan(0);
  },
);

it.skipIf(missing.length > 0).each([
  ["codex", "429-reset", "provider-cooldown"],
  ["claude", "401", "provider-needs-person"],
] as const)(
  "%s that meets a %s waits, and has used up no try",
  { timeout: 300_000 },
  async (worker, scenario, reason) => {
    const flow = await flowBench({
      ...{ wrapper, execution: executionAt(scenario), env: env() },
      plan: `tasks: [{ id: one, worker: ${worker}, cwd: "@attempt", prompt: Write hello.txt. }]`,
    });
    flow.start("r1");
    const one = await flow.until("one", (task) => task.reason === reason, 240_000);
    expect(one).toMatchObject({ state: "queued", attempts: 1 });
    expect(await flow.store.tasks.get(one.queueTaskId ?? 0)).toMatchObject({ attempts: 0 });
    expect(await flow.store.quotas.list()).toHaveLength(1);
  },
);
