import { applyChanges, type PlainDocuments } from "@agent-control-plane/dashboard/live";
import type { CliContext } from "../context.ts";
import { StateSource } from "../dashboard/state-source.ts";
import { INTERRUPTED_EXIT_CODE } from "../interruptible.ts";
import type { RuntimeOptions } from "../runtime/runtime-options.ts";
import { refuseUnknownProfile } from "../select-profile.ts";
import { changedLines } from "./changed-lines.ts";
import { type Follow, homeFollower } from "./follow-home.ts";
import { fullScreen } from "./full-screen.ts";
import { type Line, painted } from "./line.ts";
import { statusView } from "./status-view.ts";

/**
 * `acp status --watch`: the whole screen of a terminal; elsewhere all there is and then each change as a line, or with
 * `--json` as a document on a line of its own. Only looks, by what the dashboard looks by, and needs none of it to run.
 */
export async function watchStatus(context: CliContext, options: RuntimeOptions): Promise<void> {
  const only = options.profileId ?? (options.all ? undefined : context.env.ACP_PROJECT_ID || undefined);
  refuseUnknownProfile(context.home, only);
  const source = new StateSource(context);
  const follow = homeFollower(context, source, only ?? null);
  try {
    if (options.json) await printFrames(context, follow);
    else if (hasScreen(context)) await showOnScreen(context, follow);
    else await printChanges(context, follow);
  } finally {
    await source.close();
  }
}

const hasScreen = ({ stdout, env }: CliContext): boolean => stdout.isTTY === true && env.TERM !== "dumb";

async function showOnScreen(context: CliContext, follow: Follow): Promise<void> {
  let changed = () => {};
  let problem: string | null = null;
  let documents: PlainDocuments = {};
  const { documents: first, stop } = await follow({
    frame({ changes }) {
      documents = applyChanges(documents, changes);
      changed();
    },
    problem(why) {
      problem = why;
      changed();
    },
  });
  documents = first;
  try {
    const onChange = (tell: () => void) => {
      changed = tell;
    };
    await fullScreen(context, () => ({ documents, problem }), onChange);
  } finally {
    stop();
  }
}

async function printChanges(context: CliContext, follow: Follow): Promise<void> {
  const { output, clock } = context;
  const print = (line: Line) => output.print(painted(line, longestLine, output.style));
  const at = () => output.style.dim(new Date(clock.now()).toISOString());
  let documents: PlainDocuments = {};
  const { documents: first, stop } = await follow({
    frame({ changes }) {
      const before = documents;
      documents = applyChanges(documents, changes);
      for (const line of changedLines(before, documents))
        output.print(`${at()}  ${painted(line, longestLine, output.style)}`);
    },
    problem: (why) => output.note(why === null ? "read again" : `not read: ${why}`),
  });
  documents = first;
  const { head, body } = statusView(documents, clock.now());
  for (const line of [...head, [], ...body]) print(line);
  await untilSignal(context);
  stop();
}

async function printFrames(context: CliContext, follow: Follow): Promise<void> {
  const { output, clock } = context;
  const { id, documents, stop } = await follow({
    frame: (frame) => output.jsonLine({ at: clock.now(), ...frame }),
    problem: (why) => output.note(why === null ? "read again" : `not read: ${why}`),
  });
  output.jsonLine({ at: clock.now(), id, documents });
  await untilSignal(context);
  stop();
}

/** Of a line that is not cut by a terminal. */
const longestLine = 500;

const untilSignal = ({ exitWith }: CliContext): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      exitWith(INTERRUPTED_EXIT_CODE);
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  });
