import type { Alert, HostDocument, ProfileDocument } from "../documents/index.ts";
import { isoOf, taskOf } from "./words.ts";

export interface SnapshotAlert {
  readonly id: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly message: string;
  readonly session: string;
  readonly task_kind: string;
  readonly task_id: string;
  readonly reset_at: string;
  readonly updated_at: string;
  readonly source_file: string;
}

/** Pure. What a person should know of one profile; the session is the one that works on it now. */
export const alertsOfProfile = ({ alerts, live }: ProfileDocument, storeFile: string): readonly SnapshotAlert[] =>
  alerts.map((alert) => {
    const session = live.find(({ subject }) => subject === alert.subject)?.id ?? "";
    return { ...wordsOf(alert), session, ...taskOf(alert.subject), reset_at: "", source_file: storeFile };
  });

/** Pure. A profile that cannot be read takes nothing from the others. */
export const brokenProfileAlert = (profileId: string, error: string, file: string): SnapshotAlert => ({
  ...{ id: `broken-profile:${profileId}`, kind: "broken-profile", severity: "error" },
  ...{ title: `Profile ${profileId} cannot be read`, message: error },
  ...{ session: "", task_kind: "", task_id: "", reset_at: "", updated_at: "", source_file: file },
});

/** Pure. What GitHub has put off for all who share a credential. */
export const alertsOfHost = ({ cooldowns }: HostDocument, storeFile: string): readonly SnapshotAlert[] =>
  cooldowns
    .filter(({ scope }) => scope.startsWith("forge:"))
    .map(({ scope, until, reason }) => ({
      ...{ id: `github-core-rate-limit:${scope}:${until}`, kind: "github-core-rate-limit", severity: "warn" },
      ...{ title: "GitHub asks to wait", message: `${reason}, until ${isoOf(until)}` },
      ...{ session: "", task_kind: "", task_id: "", reset_at: isoOf(until), updated_at: "", source_file: storeFile },
    }));

const wordsOf = ({ id, kind, severity, title, message, at }: Alert) => ({
  ...{ id, kind, severity, title, message, updated_at: isoOf(at) },
});
