import type { ShownWrite } from "../../documents/index.ts";
import { ActButton } from "../acts/act-button.tsx";
import { Badge, type Tone } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown } from "../parts/shown.tsx";
import { Ago } from "../parts/times.tsx";
import { writeText } from "../words.ts";

export interface Write extends ShownWrite {
  readonly profileId: string;
}

const tones: Readonly<Record<string, Tone>> = { pending: "wait", failed: "bad", sent: "good", dropped: "off" };

/** Writes to the forge: what they say, how far they are, and why they are no further. */
export function WriteList({ of, withProfile }: { readonly of: readonly Write[]; readonly withProfile: boolean }) {
  return (
    <Many of={of} what="writes">
      {(write) => (
        <li class="row slim" key={`${write.profileId} ${write.id}`}>
          <div class="row-main">
            <p class="write-head">
              {withProfile && <span class="of-profile">{write.profileId}</span>}
              <span class="subject">{write.id}</span> <span class="write-kind">{writeText(write.kind)}</span>
              {write.number !== null && <span class="hint"> on #{write.number}</span>}
            </p>
            <p class="row-sub">
              <Shown text={write.preview} />
            </p>
            {write.lastError !== null && (
              <p class={write.awaits ? "row-sub" : "row-error"}>
                <Shown text={write.lastError} />
              </p>
            )}
          </div>
          <p class="row-side row-facts">
            <Badge tone={write.awaits ? "person" : (tones[write.state] ?? "off")}>
              {write.awaits ? "waits for approval" : write.state}
            </Badge>
            {write.tries > 1 && <span>{write.tries} tries</span>}
            <When write={write} />
            {write.state === "failed" && (
              <ActButton
                name={write.awaits ? "approve" : "retry-write"}
                body={{ write: write.id }}
                about={`write ${write.id} of ${write.profileId}`}
              />
            )}
          </p>
        </li>
      )}
    </Many>
  );
}

function When({ write: { sentAt, nextAt, createdAt, tries } }: { readonly write: ShownWrite }) {
  if (nextAt !== null && tries > 0)
    return (
      <span class="hint">
        again <Ago at={nextAt} />
      </span>
    );
  return (
    <span class="hint row-clock">
      <Ago at={sentAt ?? createdAt} />
    </span>
  );
}
