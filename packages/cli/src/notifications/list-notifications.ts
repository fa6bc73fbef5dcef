import type { DatedTrouble, Notification, StandingTrouble, Store } from "@agent-control-plane/core";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { table } from "../output.ts";
import { ago } from "../runtime/ago.ts";
import { withStoreToRead } from "../store/with-store.ts";
import { type Channel, channelsOf } from "./channels.ts";
import { describeChannel, notReadText } from "./describe-channel.ts";
import { readTroubles } from "./read-troubles.ts";
import { ToldInFiles } from "./told-in-files.ts";

const mostListed = 200;
const mostMessages = 20;

/** What `acp notify list` shows. */
export async function listNotifications(context: CliContext, { json }: { readonly json?: boolean }): Promise<void> {
  const { output } = context;
  const { channels, notRead, troubles, total, messages } = await readList(context);
  if (json)
    return output.json({
      channels: channels.map((channel) => describeChannel(channel, context.platform)),
      notRead,
      ...{ total, troubles: troubles.map(({ trouble: { settleMs: _, ...shown }, toldTo }) => ({ ...shown, toldTo })) },
      messages,
    });
  printChannels(context, channels);
  for (const file of notRead) output.note(output.noteStyle.yellow(notReadText(file)));
  printTroubles(context, troubles, total);
  printMessages(context, messages);
}

function printChannels({ output, platform }: CliContext, channels: readonly Channel[]): void {
  const rows = channels.map((channel) => [channel.name, describeChannel(channel, platform).goesTo]);
  output.print(
    rows.length === 0
      ? "Nobody is told: no file has a channel (see docs/notifications.md)."
      : table([["CHANNEL", "GOES TO"].map(output.style.bold), ...rows]),
  );
}

function printTroubles({ output, clock }: CliContext, troubles: readonly StandingTrouble[], total: number): void {
  const { bold, dim, yellow } = output.style;
  output.print(total === 0 ? "nothing is wrong that people would be told of" : bold(counted(total, "trouble")));
  for (const { trouble, toldTo } of troubles) {
    const { kind, profileId, subject, title, text, act, since } = trouble;
    const place = [profileId, subject, title].filter((part) => part !== null).map((part) => `${part} `);
    const told = toldTo.length === 0 ? "nobody was told" : `told to ${toldTo.join(", ")}`;
    output.print(`  ${yellow(kind)} ${place.join("")}${text}; ${act}  ${dim(`${ago(clock.now() - since)}, ${told}`)}`);
  }
  if (total > troubles.length) output.print(dim(`  and ${total - troubles.length} more`));
}

function printMessages({ output, clock }: CliContext, messages: readonly Notification[]): void {
  const { bold, dim, red } = output.style;
  if (messages.length > 0) output.print(bold("last messages"));
  for (const { channel, state, message, tries, createdAt, answer } of messages) {
    const how = `${state}, ${counted(tries, "try", "tries")}${answer === null ? "" : `, ${answer}`}`;
    const colour = state === "failed" ? red : dim;
    output.print(colour(`  ${ago(clock.now() - createdAt)} ago  ${channel}  ${how}: ${message.title}`));
  }
}

interface Listed {
  readonly channels: readonly Channel[];
  /** Files that are not valid now, and may name more channels. */
  readonly notRead: readonly string[];
  readonly troubles: readonly StandingTrouble[];
  readonly total: number;
  /** The newest, the newest first. */
  readonly messages: readonly Notification[];
}

/** What is wrong is asked anew: a runtime notes it only where somebody is told. */
async function readList(context: CliContext): Promise<Listed> {
  const files = new ToldInFiles(context);
  const told = files.told();
  const named = { channels: channelsOf(told), notRead: files.broken };
  const nothing = { ...named, troubles: [], total: 0, messages: [] };
  return withStoreToRead<Listed>(context.home, nothing, async (store) => {
    const now = context.clock.now();
    const found = await readTroubles(store, { home: context.home, now, told });
    const noted = new Map((await standingIn(store)).map((each) => [each.trouble.key, each]));
    const troubles = found.map((trouble): StandingTrouble => {
      const known = noted.get(trouble.key);
      const since = trouble.since ?? known?.trouble.since ?? now;
      return { trouble: { ...trouble, since } satisfies DatedTrouble, toldTo: known?.toldTo ?? [] };
    });
    const messages = [...(await store.notifications.list({ limit: mostMessages }))].reverse();
    return { ...named, troubles: troubles.slice(0, mostListed), total: troubles.length, messages };
  });
}

const standingIn = (store: Store) => store.notifications.standing(10_000);
