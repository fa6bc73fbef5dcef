import { hostname } from "node:os";
import { type DatedTrouble, UserError } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { type Channel, channelsOf } from "./channels.ts";
import { describeChannel, notReadText } from "./describe-channel.ts";
import { newDelivery } from "./notifier.ts";
import { send } from "./send.ts";
import { ToldInFiles } from "./told-in-files.ts";
import { writeMessage } from "./write-message.ts";

interface Options {
  readonly json?: boolean;
  readonly dryRun?: boolean;
  readonly channel?: string;
}

/** Sent from this very process, and not noted anywhere: it tells of no trouble. */
export async function testChannels(context: CliContext, { json, dryRun = false, channel }: Options): Promise<void> {
  const { output, home, env, clock } = context;
  const files = new ToldInFiles(context);
  const told = files.told();
  const channels = chosen(channelsOf(told), channel, files.broken);
  const message = writeMessage({
    ...{ delivery: newDelivery(), now: clock.now(), host: hostname(), isTest: true },
    ...{ dashboardUrl: told.host.dashboardUrl, troubles: [sample(clock.now())], counts: { "needs-human": 1 } },
  });
  const leaving = new AbortController().signal;
  const around = { home, env, platform: context.platform ?? process.platform, leaving };
  const results = [];
  for (const each of channels) {
    const { ok, answer } = dryRun ? { ok: null, answer: "not sent" } : await send(each, message, around);
    if (ok === false) context.exitWith(1);
    results.push({ ...describeChannel(each, context.platform), ok, answer });
  }
  if (json) return output.json({ dryRun, message, channels: results, notRead: files.broken });
  if (dryRun) output.print(JSON.stringify(message, null, 2));
  for (const file of files.broken) output.note(output.noteStyle.yellow(notReadText(file)));
  for (const { name, goesTo, ok, answer } of results) {
    if (ok === null) output.print(`would send it to ${name} (${goesTo})`);
    else
      output.print(`${ok ? output.style.green("told") : output.style.red("not told")}  ${name} (${goesTo}): ${answer}`);
  }
}

function chosen(channels: readonly Channel[], name: string | undefined, broken: readonly string[]): readonly Channel[] {
  const found = channels.filter((each) => name === undefined || each.name === name);
  if (found.length > 0) return found;
  const there =
    channels.length === 0
      ? 'There is none: set "notifications" in host.yaml or in a profile (docs/notifications.md).'
      : `There are: ${channels.map((each) => each.name).join(", ")}.`;
  const none = name === undefined ? "No channel to tell people by." : `No channel "${name}".`;
  throw new UserError([`${none} ${there}`, ...broken.map(notReadText)].join("\n"), { exitCode: 1 });
}

const sample = (now: number): DatedTrouble => ({
  ...{ key: "test", kind: "needs-human", code: "test", profileId: null, subject: null, since: now, settleMs: 0 },
  ...{ title: null, url: null },
  text: "this is a test of the way to you",
  act: "nothing has to be done",
});
