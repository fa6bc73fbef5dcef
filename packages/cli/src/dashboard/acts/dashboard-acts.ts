import { ForgeError, type Json, UserError } from "@agent-control-plane/core";
import type { ActAnswer, Acts } from "@agent-control-plane/dashboard";
import type { CliContext } from "../../context.ts";
import { inWords } from "../../system-error.ts";
import type { Act } from "./act.ts";
import { approve } from "./approve.ts";
import { decide } from "./decide.ts";
import { pause, resume } from "./pause.ts";
import { refresh } from "./refresh.ts";
import { retryTask, retryWrite } from "./retry.ts";
import { stopSession } from "./stop-session.ts";

const acts: ReadonlyMap<string, Act> = new Map([
  ["pause", pause],
  ["resume", resume],
  ["stop-session", stopSession],
  ["refresh", refresh],
  ["retry-task", retryTask],
  ["retry-write", retryWrite],
  ["approve", approve],
  ["decide", decide],
]);

/** The acts of the page on this runtime home. */
export const dashboardActs = (context: CliContext): Acts => ({
  names: [...acts.keys()],
  perform: async (name, body, by) => perform(context, acts.get(name), body, by),
});

async function perform(context: CliContext, act: Act | undefined, body: Json, by: string): Promise<ActAnswer> {
  const problems = act ? act.problemsOf(body) : ["there is no such act"];
  if (!act || problems) return { kind: "refused", code: "bad-body", message: (problems ?? []).join("; ") };
  try {
    return { kind: "done", ...(await act.perform(context, body, by)) };
  } catch (error) {
    if (error instanceof UserError)
      return { kind: "refused", code: codes.get(error.exitCode) ?? "refused", message: error.message };
    // A full disk or a forge that is away is an expected ending, as it is of the command.
    const words = inWords(error) ?? (error instanceof ForgeError ? error.message : null);
    if (words === null) throw error;
    return { kind: "refused", code: "refused", message: words };
  }
}

/** By how the command would end: wrong usage, nothing there. */
const codes: ReadonlyMap<number, "bad-body" | "not-there"> = new Map([
  [64, "bad-body"],
  [66, "not-there"],
]);
