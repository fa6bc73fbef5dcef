import { existsSync } from "node:fs";
import type { Notification, Store } from "@agent-control-plane/core";
import { type Channel, channelsOf } from "../../notifications/channels.ts";
import { describeChannel } from "../../notifications/describe-channel.ts";
import { referencedValue } from "../../notifications/referenced-value.ts";
import { desktopProgram } from "../../notifications/send-desktop.ts";
import { ToldInFiles } from "../../notifications/told-in-files.ts";
import { isOnPath, isProgram } from "../../programs-on-path.ts";
import { withStoreToRead } from "../../store/with-store.ts";
import { type Finding, note, ok, problem } from "../finding.ts";
import type { Check, Scope } from "../scope.ts";

export interface ChannelFacts {
  readonly name: string;
  readonly goesTo: string;
  /** What keeps it from telling anybody; null: nothing that can be seen from here. */
  readonly problem: string | null;
  /** The newest message to it that has been tried. */
  readonly last: Pick<Notification, "state" | "answer" | "tries"> | null;
}

/** Channels by which people are told: whether each can be used, and how it went last. Nothing is sent. */
export const notificationsCheck: Check = {
  name: "notifications",
  limitMs: 10_000,
  look: async (scope) => judgeChannels(await readChannels(scope)),
};

function judgeChannels(channels: readonly ChannelFacts[]): readonly Finding[] {
  const found = channels.flatMap((channel) => [
    ...(channel.problem === null ? [] : [unusable(channel, channel.problem)]),
    ...(channel.last === null || channel.last.state === "sent" ? [] : [untold(channel, channel.last)]),
  ]);
  if (channels.length === 0 || found.length > 0) return found;
  const names = channels.map(({ name }) => name).join(", ");
  return [ok("notifications", names, `people are told by ${names}`)];
}

const unusable = ({ name, goesTo }: ChannelFacts, found: string): Finding =>
  problem("notify-channel", {
    subject: name,
    found: `nobody can be told by ${name} (${goesTo}): ${found}`,
    fix: "correct the channel where it is set up, host.yaml or the profile, or take it out.",
    command: `acp notify test --channel ${name}`,
  });

const untold = ({ name, goesTo }: ChannelFacts, { answer, tries, state }: NonNullable<ChannelFacts["last"]>): Finding =>
  note("notify-failed", {
    subject: name,
    found: `the last message to ${name} (${goesTo}) ${state === "failed" ? "was given up" : "did not arrive yet"} after ${tries} tries: ${answer}`,
    fix: "see what its answer means; what is tried again arrives by itself then.",
    command: `acp notify test --channel ${name}`,
  });

async function readChannels({ context }: Scope): Promise<readonly ChannelFacts[]> {
  const channels = channelsOf(new ToldInFiles(context).told());
  if (channels.length === 0) return [];
  const read = (store: Store) => Promise.all(channels.map((channel) => lastOf(store, channel)));
  // The store check says what is wrong with the store.
  const lasts = await withStoreToRead<Awaited<ReturnType<typeof read>>>(context.home, [], read).catch(() => []);
  const platform = context.platform ?? process.platform;
  return channels.map((channel, index) => ({
    ...{ name: channel.name, goesTo: describeChannel(channel, platform).goesTo, last: lasts[index] ?? null },
    problem: problemOf(channel, context.env, platform),
  }));
}

async function lastOf(store: Store, { name }: Channel): Promise<Notification | null> {
  const newest = await store.notifications.list({ channel: name, limit: 2 });
  return newest.findLast(({ answer }) => answer !== null) ?? null;
}

/** By this environment; a service may have another one. */
function problemOf({ kind, rules }: Channel, env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  if (kind === "desktop") return desktopProblem(env, platform);
  if (kind === "command") {
    const [program = ""] = rules.command?.run ?? [];
    const isThere = program.includes("/") ? isProgram(program) : isOnPath(program, env);
    return isThere ? null : `there is no program ${program}`;
  }
  const references = [rules.webhook?.url, rules.webhook?.secret].filter((one) => typeof one === "string");
  const missing = references.map((one) => referencedValue(one, env)).find((one) => !one.ok);
  return missing && !missing.ok ? missing.problem : null;
}

function desktopProblem(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string | null {
  const program = desktopProgram(platform);
  if (!isOnPath(program, env)) return `there is no program ${program} on the PATH`;
  if (platform === "darwin") return null;
  const hasBus = env.DBUS_SESSION_BUS_ADDRESS !== undefined || existsSync(`${env.XDG_RUNTIME_DIR ?? "/nowhere"}/bus`);
  return hasBus ? null : "no desktop session is to be seen from here (no session bus)";
}
