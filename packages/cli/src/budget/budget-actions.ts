import {
  type BudgetRaise,
  type DayReading,
  dayOf,
  daySubject,
  type ItemSpend,
  issueSubject,
  limitOfDay,
  loadProfile,
  type Profile,
  pullRequestSubject,
  readDay,
  type Store,
  UserError,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { actingPerson } from "../acting-person.ts";
import type { CliContext } from "../context.ts";
import { counted } from "../counted.ts";
import { itemNumber } from "../operator/item-number.ts";
import { table } from "../output.ts";
import { selectProfileId } from "../select-profile.ts";
import { withStore, withStoreToRead } from "../store/with-store.ts";
import { type Counted, countedInWords } from "./counted-in-words.ts";
import { describeItem, type ItemBudget, spentInWords } from "./describe-item.ts";

interface Shared {
  readonly profileId?: string;
  readonly json?: boolean;
}

/** What `acp budget show` says. */
export interface BudgetReport {
  readonly profileId: string;
  readonly timeZone: string;
  /** The calendar day that is, in the profile's time zone. */
  readonly day: Counted & { readonly from: number; readonly until: number };
  /** By number. */
  readonly items: readonly ItemBudget[];
  /** Everything people let it spend more, oldest first: of one item, or without one today's of the profile. */
  readonly raises: readonly BudgetRaise[];
}

export async function show(context: CliContext, given: string | undefined, options: Shared): Promise<void> {
  const number = given === undefined ? null : itemNumber(given);
  const profile = profileOf(context, options);
  const at = { now: context.clock.now(), timeZone: profile.timeZone };
  const quiet: DayReading = { ...dayOf(at.now, at.timeZone), spent: { tokens: 0, usd: 0 }, raises: [] };
  const nothing = reportOf(profile, quiet, new Map(), []);
  const report = await withStoreToRead(context.home, nothing, (store) => readReport(store, profile, at.now, number));
  if (options.json) return context.output.json(report);
  printReport(context, report, number);
}

async function readReport(store: Store, profile: Profile, now: number, number: number | null): Promise<BudgetReport> {
  const day = await readDay(store, profile.id, { now, timeZone: profile.timeZone });
  const items = await store.spend.items(profile.id, number === null ? undefined : subjectsOf(number));
  const [subject] = items.keys();
  const raises = number === null || subject === undefined ? [] : await store.spend.raises(profile.id, subject);
  return reportOf(profile, day, items, number === null ? day.raises : raises);
}

function reportOf(
  profile: Profile,
  { from, until, spent, raises: ofDay }: DayReading,
  items: ReadonlyMap<string, ItemSpend>,
  raises: readonly BudgetRaise[],
): BudgetReport {
  const described = [...items].map(([subject, spend]) => describeItem(profile, subject, spend));
  return {
    profileId: profile.id,
    timeZone: profile.timeZone,
    day: { from, until, spent, limit: limitOfDay(profile.budgets.day, ofDay.at(-1)) },
    items: described.sort((a, b) => a.number - b.number),
    raises,
  };
}

function printReport({ output }: CliContext, report: BudgetReport, number: number | null): void {
  const { bold, dim, yellow } = output.style;
  const until = new Date(report.day.until).toISOString();
  output.print(`${bold(report.profileId)}  today ${countedInWords(report.day)}  ${dim(`until ${until}`)}`);
  for (const raise of number === null ? report.raises : []) output.print(dim(`raised ${inWords(raise)}`));
  if (report.items.length === 0) {
    output.print(number === null ? "nothing was spent yet" : `nothing was spent on #${number} yet`);
    return;
  }
  const rows = report.items.map((item) => [
    `#${item.number}`,
    spentInWords(item),
    String(item.sessions),
    item.parked ? yellow(item.parked.reason) : dim("room"),
    item.parked?.detail ?? countedInWords(item.item),
  ]);
  output.print(table([["ITEM", "SPENT", "SESSIONS", "STATE", "DETAIL"].map(bold), ...rows]));
  if (number === null) return;
  for (const { breaker, parked } of report.items) {
    output.print(
      dim(`since its state last changed: ${countedInWords(breaker)}; ${counted(breaker.failed, "failed session")}`),
    );
    if (parked) output.print(`${bold("until")}  somebody runs "acp budget raise ${number}"`);
  }
  for (const raise of report.raises) output.print(dim(`raised ${inWords(raise)}`));
}

const inWords = ({ at, actor, usd, tokens, reason }: BudgetRaise): string => {
  const more = [...(usd === null ? [] : [`$${usd}`]), ...(tokens === null ? [] : [`${tokens} tokens`])];
  const by = more.length === 0 ? "by the profile's limit" : `by ${more.join(" and ")}`;
  return `${new Date(at).toISOString()} ${by}, ${actor}${reason === "" ? "" : `: ${reason}`}`;
};

export async function raise(
  context: CliContext,
  given: string | undefined,
  options: Shared & RaiseOptions,
): Promise<void> {
  const isDay = options.day === true;
  if (isDay === (given !== undefined)) {
    throw new UserError('Say what to raise: an item, as in "acp budget raise 12", or --day, and not both.', {
      exitCode: 64,
    });
  }
  const number = given === undefined ? null : itemNumber(given);
  const profile = profileOf(context, options);
  const usd = amountOf("--usd", options.usd, (value) => value > 0 && value <= 1_000_000);
  const tokens = amountOf("--tokens", options.tokens, (value) => Number.isSafeInteger(value) && value > 0);
  const raised = await withStore(context.home, async (store) => {
    const subject = number === null ? daySubject : await subjectOf(store, profile.id, number);
    const actor = actingPerson(context.env);
    const done = await store.spend.raise({
      profileId: profile.id,
      subject,
      usd,
      tokens,
      actor,
      reason: options.reason,
      ...(number === null ? { day: dayOf(context.clock.now(), profile.timeZone) } : {}),
    });
    return { profileId: profile.id, number, ...done };
  });
  if (options.json) return context.output.json(raised);
  const what = number === null ? `The day of ${profile.id}` : `#${number}`;
  const then = number === null ? "The next tick may start what waits for it" : "The next tick may start it again";
  context.output.print(`${what} was raised ${inWords(raised)}. ${then}.`);
}

interface RaiseOptions {
  readonly usd?: string;
  readonly tokens?: string;
  readonly reason: string;
  readonly day?: boolean;
}

async function subjectOf(store: Store, profileId: string, number: number): Promise<string> {
  const [subject] = (await store.spend.items(profileId, subjectsOf(number))).keys();
  if (subject === undefined) throw nothingSpent(profileId, number);
  return subject;
}

/** Issues and pull requests share their numbers: one of the two at most has sessions. */
const subjectsOf = (number: number): readonly string[] => [issueSubject(number), pullRequestSubject(number)];

const profileOf = (context: CliContext, { profileId }: Shared): Profile =>
  loadProfile(context.home, selectProfileId(context, profileId), context.env, backends);

function amountOf(flag: string, given: string | undefined, isFit: (value: number) => boolean): number | null {
  if (given === undefined) return null;
  const value = Number(given);
  if (given.trim() !== "" && isFit(value)) return value;
  throw new UserError(`${flag} ${given} is no amount. Give a number above 0${flag === "--usd" ? ", such as 5" : ""}.`, {
    exitCode: 64,
  });
}

const nothingSpent = (profileId: string, number: number): UserError =>
  new UserError(
    `Nothing was spent on #${number} of profile "${profileId}" yet, so there is no limit to raise. "acp why ${number}" says what holds it.`,
    { exitCode: 1 },
  );
