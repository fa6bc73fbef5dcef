import { type LoggedEvent, UserError } from "@agent-control-plane/core";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { examples } from "../examples.ts";
import { refuseUnknownProfile } from "../select-profile.ts";

interface Options {
  readonly profileId?: string;
  readonly issue?: string;
  readonly last: string;
  readonly follow?: boolean;
  readonly json?: boolean;
}

export function registerEvents(program: Command, context: CliContext): void {
  program
    .command("events")
    .description("the append-only log of what was decided and done")
    .option("--profile-id <id>", "only this profile")
    .option("--issue <number>", "only this issue")
    .option("--last <count>", "how many to begin with", "50")
    .option("-f, --follow", "go on as they happen, until Ctrl-C")
    .option("--json", "one JSON object a line")
    .addHelpText("before", examples(["acp events --follow", "acp events --issue 12 --json"]))
    .action((options: Options) => showEvents(context, options));
}

async function showEvents(context: CliContext, options: Options): Promise<void> {
  const last = countOf(options.last);
  const subject = options.issue === undefined ? null : subjectOf(options.issue);
  const { openStoreToRead } = await import("../store/with-store.ts");
  const store = await openStoreToRead(context.home);
  if (!store) {
    refuseUnknownProfile(context.home, options.profileId);
    return context.output.note("nothing has happened yet");
  }
  try {
    const filter = {
      ...(options.profileId ? { profileId: options.profileId } : {}),
      ...(subject === null ? {} : { subject }),
    };
    const print = (event: LoggedEvent) => context.output.print(options.json ? JSON.stringify(event) : line(event));
    const first = await store.events.latest(last, filter);
    if (first.length === 0) refuseUnknownProfile(context.home, options.profileId);
    first.forEach(print);
    let afterSeq = first.at(-1)?.seq ?? 0;
    while (options.follow) {
      await context.clock.sleep(300);
      for (const event of await store.events.list({ ...filter, afterSeq })) {
        print(event);
        afterSeq = event.seq;
      }
    }
  } finally {
    await store.close();
  }
}

function countOf(given: string): number {
  if (/^[1-9]\d{0,8}$/.test(given)) return Number(given);
  throw new UserError(`--last is how many events to begin with, such as 50, and not "${given}".`, { exitCode: 64 });
}

function subjectOf(given: string): string {
  const number = /^#?([1-9]\d{0,14})$/.exec(given)?.[1];
  if (number !== undefined) return `issue:${number}`;
  throw new UserError(`--issue is the number of an issue, such as 12, and not "${given}".`, { exitCode: 64 });
}

function line(event: LoggedEvent): string {
  const about = [event.profileId, event.subject, event.sessionId].filter(Boolean).join(" ");
  return `${event.seq}  ${new Date(event.at).toISOString()}  ${event.kind.padEnd(18)}  ${about}  ${JSON.stringify(event.body)}`;
}
