import type { HostDocument } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { shownText } from "../parts/shown.tsx";
import { Ago, At } from "../parts/times.tsx";

/** The quota calendar: which providers keep us waiting, and until when. */
export function QuotaList({ of }: { readonly of: HostDocument["providers"] }) {
  return (
    <Many of={of} what="limits" first={8} class="limits">
      {({ scope, backend, model, account, window, state, resetAt, source, hits }) => (
        <li key={scope}>
          <p class="limit-head">
            <strong>{shownText(`${backend}${model === "*" ? "" : ` ${model}`}`, 60)}</strong>
            <span class="hint">
              {shownText(account, 40)}, {shownText(window, 30)}
            </span>
            <Badge tone={state === "in-force" ? "bad" : "wait"}>
              {state === "in-force" ? "in force" : "tried out"}
            </Badge>
          </p>
          <p class="hint">
            {state === "in-force" ? "Ends " : "Ended "}
            <Ago at={resetAt} />, <At at={resetAt} />
            {source === "guess" && " (our guess)"}
            {hits > 1 && `, met ${hits} times`}
          </p>
        </li>
      )}
    </Many>
  );
}

/** Pauses that somebody outside asked for. */
export function CooldownList({ of }: { readonly of: HostDocument["cooldowns"] }) {
  return (
    <Many of={of} what="cooldowns" first={8} class="limits">
      {({ scope, until, reason }) => (
        <li key={scope}>
          <p class="limit-head">
            <strong>{shownText(scope, 80)}</strong>
            <span class="hint">{shownText(reason, 120)}</span>
          </p>
          <p class="hint">
            Ends <Ago at={until} />
          </p>
        </li>
      )}
    </Many>
  );
}
