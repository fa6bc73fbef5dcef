import type { FlowTaskSpec } from "../../domain/flow-plan.ts";
import { suggest } from "../../profile/suggest.ts";
import type { Path } from "../source/marks.ts";
import type { Remarks } from "./problem.ts";

/** Workers that run a command; all others are agents, which are given a prompt. */
export const commandWorkers: readonly string[] = ["shell", "python"];
export const runsCommands = (worker: string): boolean => commandWorkers.includes(worker);

interface Work {
  readonly worker: string;
  /** The task names it itself, and has it not from the defaults, where it is looked at once. */
  readonly isOwn: boolean;
  readonly command?: FlowTaskSpec["command"];
  readonly prompt?: string | null;
  /** As the task itself says it; one of the defaults is for the agents among the tasks. */
  readonly model?: string | undefined;
}

export function remarkOnWorker(work: Work, at: Path, known: readonly string[] | null, remarks: Remarks): void {
  const { worker, isOwn, command, prompt, model } = work;
  if (isOwn) remarkOnName(worker, [...at, "worker"], known, remarks);
  const [wanted, other] = runsCommands(worker) ? (["command", "prompt"] as const) : (["prompt", "command"] as const);
  if (model !== undefined && runsCommands(worker)) {
    remarks.addKey([...at, "model"], `The worker ${worker} has no model.`, "remove it, or take another worker.");
  }
  const found = { command, prompt };
  if (found[other] !== undefined && found[other] !== null) {
    const fix = `write it as ${wanted}, or take another worker.`;
    remarks.addKey([...at, other], `The worker ${worker} is given a ${wanted}, not a ${other}.`, fix);
  } else if (found[wanted] === undefined || found[wanted] === null) {
    remarks.addUnlessTold([...at, wanted], "Is missing.", `add it: the worker ${worker} is given a ${wanted}.`);
  }
}

export function remarkOnName(worker: string, at: Path, known: readonly string[] | null, remarks: Remarks): void {
  if (known === null || runsCommands(worker) || known.includes(worker)) return;
  const all = [...new Set([...commandWorkers, ...known])];
  const near = suggest(worker, all);
  const fix = near === null ? `use one of ${all.join(", ")}.` : `did you mean "${near}"?`;
  remarks.add(at, `Unknown worker "${worker}".`, fix);
}
