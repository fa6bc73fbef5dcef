import type { ProfileDocument, ResidentWorker } from "../../documents/index.ts";
import { Badge } from "../parts/badge.tsx";
import { Many } from "../parts/many.tsx";
import { Shown, shownText } from "../parts/shown.tsx";
import { SubjectLink } from "../parts/subject.tsx";
import { Ago, Since } from "../parts/times.tsx";
import { hashOf } from "../routes.ts";
import { counted, laneText } from "../words.ts";

/** Conversations that stay with their item: who is in it, how often it worked, and until when it is kept. */
export function ResidentList({ profile: { profileId, residents, titles } }: { readonly profile: ProfileDocument }) {
  return (
    <Many of={residents} what="resident workers" first={8}>
      {(worker) => (
        <li class="row" key={worker.id}>
          <div class="row-main">
            <SubjectLink {...{ profileId }} subject={worker.subject} title={titles[worker.subject]} />
            <p class="row-sub">
              <span class="mono">{shownText(worker.id, 60)}</span> with{" "}
              <Shown text={worker.model ?? worker.backend} most={40} />, {counted(worker.sessions, "session")} so far
            </p>
          </div>
          <div class="row-side">
            <p class="row-facts">
              <Badge tone={worker.atWork ? "run" : "off"}>{worker.atWork ? "at work" : "rests"}</Badge>
              <span>{laneText(worker.lane)}</span>
              <span class="row-clock">{worker.atWork ? <Since at={worker.lastAt} /> : <Ago at={worker.lastAt} />}</span>
            </p>
            <p class="row-facts hint">
              <Kept until={worker.keptUntil} />
              <a href={hashOf({ page: "session", sessionId: worker.lastSession })}>
                Last session<span class="unseen"> of conversation {shownText(worker.id, 60)}</span>
              </a>
            </p>
          </div>
        </li>
      )}
    </Many>
  );
}

function Kept({ until }: { readonly until: ResidentWorker["keptUntil"] }) {
  if (until === null) return null;
  return (
    <span>
      given up <Ago at={until} />
    </span>
  );
}
