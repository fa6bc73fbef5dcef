import { type HoldReason, holdReasons, unblockedBy } from "@agent-control-plane/core/for-pages";
import type { ItemDocument } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Section } from "../parts/section.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";
import { WhatToDo } from "../parts/what-to-do.tsx";
import { countText, moneyText } from "../said-time.ts";

/** Why an item runs or waits, what lets it go on, and what it has cost. */
export function ItemStanding({ item: { decision, spent } }: { readonly item: ItemDocument }) {
  const code = decision?.reason ?? "";
  const known = Object.hasOwn(holdReasons, code) ? (code as HoldReason) : null;
  return (
    <Section id="item-standing" title="Where it stands">
      {decision === null ? (
        <p class="hint">It is no candidate (any more): nothing is decided about it.</p>
      ) : (
        <>
          <p>
            <Badge tone={decision.verdict === "launch" || code === "running" ? "run" : "wait"}>
              {decision.verdict === "launch" ? "starts" : shownText(code, 80)}
            </Badge>{" "}
            <Shown text={decision.detail || (known ? holdReasons[known][0] : "")} />
          </p>
          <p class="hint">
            In lane {shownText(decision.lane, 60)}, so since <Ago at={decision.decidedAt} />
            {decision.place !== null && `, number ${decision.place} in line`}
          </p>
          {known && code !== "running" && (
            <p>
              What lets it go on: <WhatToDo text={unblockedBy(known)} />
            </p>
          )}
        </>
      )}
      {spent && (
        <p class="hint">
          Spent so far: {countText(spent.tokens)} tokens, {moneyText(spent.usd)}, in {spent.sessions}{" "}
          {spent.sessions === 1 ? "session" : "sessions"}
        </p>
      )}
    </Section>
  );
}
