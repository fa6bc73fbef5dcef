import type { Alert } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";

export interface Alerting extends Alert {
  readonly profileId: string;
}

/** What somebody should know, the worst first. */
export function AlertList({ of, withProfile }: { readonly of: readonly Alerting[]; readonly withProfile: boolean }) {
  return (
    <Many of={of} what="alerts" first={6}>
      {({ id, severity, title, message, at, profileId }) => (
        <li class="row slim" key={`${profileId} ${id}`}>
          <div class="row-main">
            <p class="alert-head">
              <Badge tone={severity === "error" ? "bad" : "wait"}>{severity === "error" ? "error" : "warning"}</Badge>
              {withProfile && <span class="of-profile">{profileId}</span>}
              <span class="alert-title">
                <Shown text={title} />
              </span>
            </p>
            <p class="row-sub">
              <Shown text={message} />
            </p>
          </div>
          <p class="row-side hint">
            <Ago at={at} />
          </p>
        </li>
      )}
    </Many>
  );
}
