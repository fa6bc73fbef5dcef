import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type FlowPlan, openStore, type Store, storePath, UserError } from "@agent-control-plane/core";
import { parsePlan } from "@agent-control-plane/core/flow";
import { isAlive } from "@agent-control-plane/runners/process-mark";
import { actingPerson } from "../acting-person.ts";
import { cliEntry } from "../assets.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { runtimeLog } from "../runtime/runtime-log.ts";

interface RunOptions {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  /** False: nothing is started. */
  readonly start?: boolean;
}

/** `acp flow run`: reads, checks, stores, and leaves it to a runtime. */
export async function submitFlow(context: CliContext, file: string, options: RunOptions): Promise<void> {
  const plan = await readPlan(context, file);
  if (options.dryRun) {
    if (options.json) return context.output.json({ plan, dryRun: true });
    return context.output.print(`the plan "${plan.name}" is well: ${counted(plan.tasks.length, "task")}`);
  }
  const id = newFlowId(context.clock.now());
  const folder = join(context.home, "flows", id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, "plan.json"), `${JSON.stringify(plan, null, 1)}\n`, { mode: 0o600 });
  closeSync(openSync(join(folder, "inbox.jsonl"), "a", 0o600));
  const store = await openStore({ path: storePath(context.home) });
  try {
    await store.flows.submit(plan, { id, folder, submittedBy: actingPerson(context.env) });
    const started = options.start === false || (await isWorked(store)) ? null : startWorking(context);
    if (options.json) context.output.json({ flow: id, name: plan.name, tasks: plan.tasks.length, folder, started });
    else context.output.print(id);
  } finally {
    await store.close();
  }
}

async function readPlan(context: CliContext, file: string): Promise<FlowPlan> {
  const path = file === "-" ? null : resolve(context.cwd, file);
  const text = readText(path);
  const shown = path === null ? "standard input" : file;
  const parsed = await parsePlan(text, { file: shown, cwd: path === null ? context.cwd : dirname(path) });
  if (!("problems" in parsed)) return parsed.plan;
  const lines = parsed.problems.map(
    ({ line, column, path: at, message, fix }) =>
      `  ${shown}:${line}:${column}: ${at === "" ? "" : `${at}: `}${message} Fix: ${fix}`,
  );
  throw new UserError([`The plan has ${counted(parsed.problems.length, "problem")}:`, ...lines].join("\n"));
}

function readText(path: string | null): string {
  try {
    return readFileSync(path ?? 0, "utf8");
  } catch (error) {
    throw new UserError(`The plan cannot be read: ${(error as Error).message}.`, { exitCode: 66, cause: error });
  }
}

/** Sorts by time; the rest is chance. */
const newFlowId = (now: number): string => `f${now.toString(36)}${randomBytes(3).toString("hex")}`;

const isWorked = async (store: Store): Promise<boolean> =>
  (await store.runtimes.list()).some(
    (row) => row.host === hostname() && row.state !== "draining" && isAlive(row.process),
  );

/** Nobody waits for it: the flow is in the store. It ends by itself when there is nothing to do. */
function startWorking(context: CliContext): number | null {
  mkdirSync(dirname(runtimeLog(context.home)), { recursive: true, mode: 0o700 });
  const { file, args } = cliEntry();
  const child = spawn(file, [...args, "flow", "work", "--until-idle", "60"], {
    ...{ detached: true, cwd: context.home, env: context.env, stdio: "ignore" },
  });
  child.on("error", () => {});
  child.unref();
  return child.pid ?? null;
}
