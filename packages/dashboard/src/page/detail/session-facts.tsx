import type { ResumeRung } from "@agent-control-plane/core";
import type { ItemSession } from "../../documents/index.ts";
import { shownText } from "../parts/shown.tsx";
import { At, Since } from "../parts/times.tsx";
import { hashOf } from "../routes.ts";
import { countText, durationText, moneyText } from "../said-time.ts";
import { Facts } from "./facts.tsx";

/** Who worked, on what, for how long and for how much. */
export function SessionFacts({ session }: { readonly session: ItemSession }) {
  const { lane, kind, backend, model, attempt, branch, startedAt, endedAt, exitReason, intendedAt, resumes } = session;
  return (
    <Facts
      of={[
        ["Kind", kind === "verify" ? "verification" : "agent"],
        ["Lane", shownText(lane, 80)],
        ["Backend", shownText(model ? `${backend}, ${model}` : backend, 200)],
        ["Attempt", attempt],
        ["Goes on from", resumes && <Followed of={resumes} />],
        ["Branch", <code key="branch">{shownText(branch, 300)}</code>],
        ["Started", <At key="started" at={startedAt ?? intendedAt} />],
        ["Took", tookOf(startedAt, endedAt)],
        ["Ended as", exitReason && shownText(exitReason, 80)],
        ["Spent", spentOf(session)],
      ]}
    />
  );
}

const rungWords: Readonly<Record<ResumeRung, string>> = {
  native: "in the same conversation",
  digest: "in a new conversation, told what was tried",
  fresh: "afresh",
};

function Followed({ of: { sessionId, rung } }: { readonly of: NonNullable<ItemSession["resumes"]> }) {
  return (
    <>
      <a class="mono" href={hashOf({ page: "session", sessionId })}>
        {shownText(sessionId, 80)}
      </a>{" "}
      {rungWords[rung]}
    </>
  );
}

function tookOf(startedAt: number | null, endedAt: number | null) {
  if (startedAt === null) return null;
  return endedAt === null ? <Since at={startedAt} /> : durationText(endedAt - startedAt);
}

function spentOf({ spend }: ItemSession): string | null {
  if (!spend) return null;
  const { inputTokens = 0, cachedInputTokens = 0, outputTokens = 0, costUsd } = spend.usage;
  const tokens = `${countText(inputTokens + cachedInputTokens + outputTokens)} tokens`;
  return costUsd === undefined ? tokens : `${tokens}, ${moneyText(costUsd)}`;
}
