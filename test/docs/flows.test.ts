// docs/flows.md against the readers of plans and mailboxes.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  commandFields,
  contextBudgets,
  contextFiles,
  messageFields,
  parseCommandLine,
  parsePlan,
  parseTask,
  planKeys,
} from "@agent-control-plane/core/flow";
import { expect, it, onTestFinished } from "vitest";
import { builtCli, makeProduct, type Product } from "../support/product.ts";
import { root } from "../tooling/project-files.ts";

const page = readFileSync(join(root, "docs/flows.md"), "utf8");

/** The cells of the tables under a heading. */
function rowsOf(heading: string): readonly (readonly string[])[] {
  const section = page.split(/^##+ /m).find((text) => text.startsWith(`${heading}\n`)) ?? "";
  return [...section.matchAll(/^\| (`.*) \|$/gm)].map(([, row = ""]) => row.split(" | ").map((cell) => cell.trim()));
}

const words = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, word]) => word);

const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? "";

async function examplePlan() {
  const answer = await parsePlan(example, { file: "release.yaml", cwd: "/w", workers: ["claude"] });
  if ("problems" in answer) throw new Error(JSON.stringify(answer.problems, null, 1));
  return answer.plan;
}

it("names every key of a plan once, and no other", () => {
  const keys = planKeys().map((key) =>
    key.replace(/^defaults\./, "tasks[].").replace(/^tasks\[\]\.(?:validate\[\]\.)?judge\./, "judge."),
  );
  const named = [...rowsOf("A plan"), ...rowsOf("A task")].map(([key]) => words(key)[0]);
  expect([...named].sort()).toEqual([...new Set(keys)].sort());
});

it("shows a plan that is read as it says", async () => {
  const plan = await examplePlan();
  expect(plan.tasks.map(({ id }) => id)).toEqual(["build", "test", "notes", "notes.judge", "announce"]);
  expect(plan).toMatchObject({
    name: "release",
    deadlineMs: 7_200_000,
    budget: { usd: 10, tokens: null, attempts: 40 },
  });
});

it("shows commands that are read, and tasks that can be added", async () => {
  const plan = await examplePlan();
  const lines = /```json\n([\s\S]*?)```/.exec(page)?.[1]?.trim().split("\n") ?? [];
  expect(lines.length).toBeGreaterThan(3);
  for (const line of lines) {
    const answer = parseCommandLine(line, 1);
    if (!("command" in answer)) throw new Error(`${line}: ${answer.problem.reason}`);
    if (answer.command.type === "ADD_TASK") expect(parseTask(answer.command.task, { plan })).toHaveProperty("tasks");
  }
});

it("names every command and message with its fields", () => {
  const commands = rowsOf("Commands").map(([type, fields]) => [words(type)[0], words(fields)]);
  expect(commands).toEqual(Object.entries(commandFields).map(([type, fields]) => [type, Object.keys(fields)]));
  const messages = rowsOf("Messages").map(([type, fields]) => [words(type)[0], words(fields)]);
  expect(messages).toEqual(Object.entries(messageFields));
});

it("names every layer with its file and budget", () => {
  const layers = rowsOf("What a worker is told").map(([layer, file, budget]) => [
    words(layer)[0],
    words(file)[0],
    budget,
  ]);
  const kilobytes = Object.entries(contextBudgets).map(([layer, bytes]) => [
    layer,
    contextFiles[layer as keyof typeof contextFiles],
    `${bytes / 1024} KB`,
  ]);
  expect(layers).toEqual(kilobytes);
});

it("has a first flow that is the example that ships, runs as the page says, and is driven by the mailbox's lines", async () => {
  const first = /```yaml first flow\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const shipped = readFileSync(join(root, "templates/flow-example.yaml"), "utf8");
  expect(shipped.replace(/^#.*\n/, "")).toBe(first);
  const product = makeProduct();
  onTestFinished(() => product.close());
  writeFileSync(join(product.folder, "plan.yaml"), shipped);
  const mailbox = /```sh mailbox\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  const said = await shell(product, mailbox);
  expect(JSON.parse(said.trim().split("\n").at(-1) ?? "")).toMatchObject({ type: "ALL_DONE", state: "succeeded" });
  const { flows } = await product.json<{ flows: { id: string; counts: object }[] }>("flow", "list", "--all");
  expect(flows).toMatchObject([{ counts: { total: 6, succeeded: 5, failed: 1 } }]);
  const readme = /```sh\n(cat > plan.yaml[\s\S]*?)```/.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? "";
  expect(await shell(product, readme)).toMatch(/succeeded\n\{/);
  await product.acp("runtime", "stop", "--all");
});

/** Runs lines of the page with `acp` as it was built. */
function shell(product: Product, lines: string): Promise<string> {
  const setup = `set -e\nacp() { "${process.execPath}" "${builtCli}" "$@"; }\n`;
  return new Promise((done, failed) => {
    execFile(
      "/bin/sh",
      ["-c", `${setup}${lines}`],
      { cwd: product.folder, env: product.env },
      (error, stdout, stderr) => (error ? failed(new Error(`${error.message}\n${stdout}\n${stderr}`)) : done(stdout)),
    );
  });
}
