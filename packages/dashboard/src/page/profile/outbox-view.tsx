import type { ProfileDocument } from "../../documents/index.ts";
import { writesIn } from "../gathered.ts";
import { OutboxLists } from "../outbox/outbox-lists.tsx";
import { Ago } from "../parts/times.tsx";
import { hashOf } from "../routes.ts";
import type { ProfileRoute } from "./profile-page.tsx";

interface OutboxViewProps {
  readonly profile: ProfileDocument;
  readonly route: ProfileRoute;
}

const waitWords: Readonly<Record<string, string>> = {
  turn: "another profile writes",
  gap: "a moment between two writes",
  minute: "as many as may be written in a minute",
  hour: "as many as may be written in an hour",
  cooldown: "GitHub asked for a pause",
};

/** What a profile writes to the forge: on the way, failed, done. */
export function OutboxView({ profile, route }: OutboxViewProps) {
  const { outbox } = profile;
  return (
    <>
      {outbox.waits !== null && (
        <p class="card notice wait">
          The next write waits: {waitWords[outbox.waits.why] ?? outbox.waits.why}, on <Ago at={outbox.waits.until} />.
        </p>
      )}
      <OutboxLists
        pending={writesIn(profile, "pending")}
        failed={writesIn(profile, "failed")}
        sent={writesIn(profile, "sent")}
        counts={{ pending: outbox.pending, failed: outbox.failed + outbox.heldBack }}
        query={route.query}
        hash={(state) => hashOf(route, { ...route.query, view: "outbox", state })}
        withProfile={false}
      />
    </>
  );
}
