import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import type { Flow, Store } from "@agent-control-plane/core";
import { refusalOf } from "../../flow/known-workers.ts";
import { flowRuntimes } from "../../flow/worked-by.ts";
import { withStoreToRead } from "../../store/with-store.ts";
import { type Finding, note, ok, problem, quoted } from "../finding.ts";
import type { Check } from "../scope.ts";

export interface FlowFacts {
  readonly isWorked: boolean;
  readonly flows: readonly {
    readonly flow: Pick<Flow, "id" | "name" | "state" | "folder">;
    /** What of its mailbox cannot be used, and why; null: all can. */
    readonly mailbox: string | null;
    /** Workers of its queued tasks that cannot run, with the reason. */
    readonly refusals: readonly string[];
  }[];
}

/** Flows under way: whether somebody works them, and whether they can be driven. */
export const flowsCheck: Check = {
  name: "flows",
  limitMs: 15_000,
  look: async ({ context }) => {
    const facts = await withStoreToRead(context.home, null, readFlows).catch(() => null); // the store check says why
    return facts === null ? [] : judgeFlows(facts);
  },
};

function judgeFlows({ isWorked, flows }: FlowFacts): readonly Finding[] {
  const found = flows.flatMap(({ flow, mailbox, refusals }) => [
    ...(isWorked || flow.state === "paused" ? [] : [unworked(flow)]),
    ...(mailbox === null ? [] : [badMailbox(flow, mailbox)]),
    ...refusals.map((refusal) => noWorker(flow, refusal)),
  ]);
  return found.length > 0
    ? found
    : [ok("flows", "flows", `${flows.length} flow(s) under way, all worked and reachable`)];
}

type Known = FlowFacts["flows"][number]["flow"];

const unworked = ({ id, name }: Known): Finding =>
  problem("flow-unworked", {
    subject: id,
    found: `flow ${id} (${name}) is under way, and no runtime of this host works it`,
    fix: "start one: for flows alone, or the daemon, which works flows as well.",
    command: "acp flow work --until-idle 60",
  });

const badMailbox = ({ id, folder }: Known, mailbox: string): Finding =>
  problem("flow-mailbox", {
    subject: id,
    found: `the mailbox of flow ${id} cannot be used: ${mailbox}`,
    fix: "give the folder back with the rights of this user; the outbox is written on from the store, the commands of `acp flow` work meanwhile.",
    command: `ls -la ${quoted(folder)}`,
  });

const noWorker = ({ id }: Known, refusal: string): Finding =>
  note("flow-worker", {
    subject: id,
    found: `flow ${id} has tasks that wait for a worker that cannot run here: ${refusal}`,
    fix: "change their worker, or cancel them.",
    command: `acp flow status ${id}`,
  });

/** Of a host with very many flows the newest are looked at. */
const most = 500;

async function readFlows(store: Store): Promise<FlowFacts> {
  const flows = await store.flows.list({ states: ["running", "paused"], limit: most });
  const isWorked = (await flowRuntimes(store)).length > 0;
  return {
    isWorked,
    flows: await Promise.all(
      flows.map(async (flow) => ({
        flow,
        mailbox: mailboxProblem(flow.folder),
        refusals: await refusalsIn(store, flow),
      })),
    ),
  };
}

async function refusalsIn(store: Store, { id }: Flow): Promise<readonly string[]> {
  const queued = await store.flows.tasks(id, { states: ["queued"], limit: 1_000 });
  const workers = [...new Set(queued.map(({ spec }) => spec.worker))];
  return (await Promise.all(workers.map(refusalOf))).filter((refusal) => refusal !== null);
}

function mailboxProblem(folder: string): string | null {
  const { R_OK, W_OK, X_OK } = constants;
  return (
    unusable(folder, R_OK | W_OK | X_OK, "is not there") ??
    unusable(join(folder, "inbox.jsonl"), R_OK, null) ??
    unusable(join(folder, "outbox.jsonl"), R_OK | W_OK, null)
  );
}

/** `missing`: what to say when it is not there; null: it need not be. */
function unusable(path: string, mode: number, missing: string | null): string | null {
  try {
    accessSync(path, mode);
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return missing === null ? null : `${path} ${missing}`;
    return (error as Error).message;
  }
}
