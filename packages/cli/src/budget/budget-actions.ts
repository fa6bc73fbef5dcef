import {
  type BudgetRaise,
  dayOf,
  type ItemSpend,
  issueSubject,
  loadProfile,
  type Profile,
  pullRequestSubject,
  type Store,
  UserError,
} from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import { actingPerson } from "../acting-person.ts";
import type { CliContext } from "../context.ts";
import { itemNumber } from "../operator/item-number.ts";
import { table } from "../output.ts";
import { withStore, withStoreToRead } from "../runtime/daemons.ts";
import { selectProfileId } from "../select-profile.ts";
import { type Counted, countedInWords, describeItem, type ItemBudget, spentInWords } from "./describe-item.ts";

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
  /** Of one item: everything people let it spend more, oldest first. */
  readonly raises: readonly BudgetRaise[];
}

export async function show(context: CliContext, given: string | undefined, options: Shared): Promise<void> {
  const number = given === undefined ? null : itemNumber(given);
  const profile = profileOf(context, options);
  const nothing = reportOf(context, profile, { tokens: 0, usd: 0 }, new Map(), []);
  const report = await withStoreToRead(context.home, nothing, (store) => readReport(context, store, profile, number));
  if (options.json) return context.output.json(report);
  printReport(context, report, number);
}

async function readReport(
  context: CliContext,
  store: Store,
  profile: Profile,
  number: number | null,
): Promise<BudgetReport> {
  const { from, until } = dayOf(context.clock.now(), profile.timeZone);
  const spent = await store.spend.between(profile.id, from, until);
  const items = await store.spend.items(profile.id, number === null ? undefined : subjectsOf(number));
  const [subject] = items.keys();
  const raises = number === null || subject === undefined ? [] : await store.spend.raises(profile.id, subject);
  return reportOf(context, profile, spent, items, raises);
}

function reportOf(
  { clock }: CliContext,
  profile: Profile,
  spent: Counted["spent"],
  items: ReadonlyMap<string, ItemSpend>,
  raises: readonly BudgetRaise[],
): BudgetReport {
  const described = [...items].map(([subject, spend]) => describeItem(profile, subject, spend));
  return {
    profileId: profile.id,
    timeZone: profile.timeZone,
    day: { ...dayOf(clock.now(), profile.timeZone), spent, limit: profile.budgets.day },
    items: described.sort((a, b) => a.number - b.number),
    raises,
  };
}

function printReport({ output }: CliContext, report: BudgetReport, number: number | null): void {
  const { bold, dim, yellow } = output.style;
  const until = new Date(report.day.until).toISOString();
  output.print(`${bold(report.profileId)}  today ${countedInWords(report.day)}  ${dim(`until ${until}`)}`);
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
    output.print(dim(`since its state last changed: ${countedInWords(breaker)}; ${breaker.failed} failed session(s)`));
    if (parked) output.print(`${bold("until")}  "acp budget raise ${number}"`);
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
  given: string,
  options: Shared & { readonly usd?: string; readonly tokens?: string; readonly reason: string },
): Promise<void> {
  const number = itemNumber(given);
  const profile = profileOf(context, options);
  const usd = amountOf("--usd", options.usd, (value) => value > 0 && value <= 1_000_000);
  const tokens = amountOf("--tokens", options.tokens, (value) => Number.isSafeInteger(value) && value > 0);
  const raised = await withStore(context.home, async (store) => {
    const [subject] = (await store.spend.items(profile.id, subjectsOf(number))).keys();
    if (subject === undefined) throw nothingSpent(profile.id, number);
    const actor = actingPerson(context.env);
    const done = await store.spend.raise({
      profileId: profile.id,
      subject,
      usd,
      tokens,
      actor,
      reason: options.reason,
    });
    return { profileId: profile.id, number, ...done };
  });
  if (options.json) return context.output.json(raised);
  context.output.print(`#${number} was raised ${inWords(raised)}. The next tick may start it again.`);
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
