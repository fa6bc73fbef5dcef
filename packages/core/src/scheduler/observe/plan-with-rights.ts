import { actorsOf, trustedAmong } from "../../decide/actors.ts";
import { decideTick, type TickPlan } from "../../decide/decide-tick.ts";
import type { Effect } from "../../decide/effect.ts";
import type { Snapshot } from "../../domain/snapshot.ts";
import { ForgeError } from "../../ports.ts";
import type { Project } from "../project.ts";
import { askPermissions, permissionAgeMs } from "./ask-permissions.ts";
import { withRightsOfNow } from "./observe.ts";
import { unseen } from "./observe-forge.ts";

interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: TickPlan;
}

/** Somebody's lost rights may let another one's work start, and so on; what is not confirmed by then waits a tick. */
const mostRounds = 3;

/**
 * The plan of a tick, in which everything that starts or is merged rests on rights that were confirmed a short while ago, because
 * people lose them. Nobody is asked about while nothing would start.
 */
export async function planWithRights(project: Project, observed: Snapshot): Promise<Planned> {
  let planned: Planned = { snapshot: observed, plan: decideTick(observed) };
  try {
    for (let round = 0; round < mostRounds; round += 1) {
      const olderThan = project.clock.now() - permissionAgeMs;
      const asked = await askPermissions(project, restsOn(planned, startedBy(planned.plan)), olderThan);
      if (asked.length === 0) return planned;
      const snapshot = await withRightsOfNow(project, planned.snapshot);
      planned = { snapshot, plan: decideTick(snapshot) };
    }
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    const snapshot = { ...observed, forge: unseen(error) };
    return { snapshot, plan: decideTick(snapshot) };
  }
  return { ...planned, plan: withoutUnconfirmed(planned, project.clock.now() - permissionAgeMs) };
}

/** Those who are trusted, and by that let these items start or say what the work is. */
function restsOn({ snapshot }: Planned, subjects: ReadonlySet<string>): readonly string[] {
  const { forge, policy } = snapshot;
  if (forge.kind === "unseen" || subjects.size === 0) return [];
  return trustedAmong(
    actorsOf(forge, policy, (subject) => subjects.has(subject)),
    snapshot,
  );
}

const startedBy = ({ effects }: TickPlan): ReadonlySet<string> =>
  new Set(effects.flatMap((effect) => (starts(effect) || merges(effect) ? [effect.subject] : [])));

const starts = (effect: Effect): boolean => "launch" in effect && effect.launch !== null;
const merges = (effect: Effect): boolean => effect.kind === "write" && effect.rows.some(({ kind }) => kind === "merge");

function withoutUnconfirmed(planned: Planned, olderThan: number): TickPlan {
  const { plan, snapshot } = planned;
  const isOld = (login: string) => (snapshot.permissions.get(login)?.checkedAt ?? 0) < olderThan;
  const waits = (subject: string) => restsOn(planned, new Set([subject])).some(isOld);
  const waiting = new Set([...startedBy(plan)].filter(waits));
  return {
    effects: plan.effects.flatMap((effect) => {
      if (!waiting.has(effect.subject)) return [effect];
      if (effect.kind === "write") return [{ ...effect, rows: effect.rows.filter(({ kind }) => kind !== "merge") }];
      if (!("launch" in effect)) return [effect];
      return effect.kind === "enqueue" ? [{ ...effect, launch: null }] : [];
    }),
    decisions: plan.decisions.map((decision) => {
      const begins = decision.kind === "launch" || decision.because === "merging";
      if (!begins || !waiting.has(decision.subject)) return decision;
      const detail = "the rights of those it rests on are being confirmed";
      return { ...decision, kind: "hold" as const, because: "details-unread" as const, detail };
    }),
  };
}
