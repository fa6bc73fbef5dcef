import {
  type HostNotificationRules,
  type NotificationRules,
  type TroubleKind,
  troubleKinds,
} from "@agent-control-plane/core";
import { isQuiet } from "./quiet-hours.ts";

const channelKinds = ["desktop", "webhook", "command"] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** One way to reach people. */
export interface Channel {
  /** `host/webhook`, `profile/web/desktop`. */
  readonly name: string;
  readonly kind: ChannelKind;
  /** Null: told of all profiles, and of what is of none. */
  readonly profileId: string | null;
  readonly rules: NotificationRules;
}

/** What the files say, the host's and each profile's. */
export interface Told {
  readonly host: HostNotificationRules;
  readonly profiles: readonly { readonly id: string; readonly notifications: NotificationRules }[];
}

/** Pure. Every channel there is, the host's first. */
export function channelsOf({ host, profiles }: Told): readonly Channel[] {
  return [
    ...channelsIn("host", null, host),
    ...profiles.flatMap(({ id, notifications }) => channelsIn(`profile/${id}`, id, notifications)),
  ];
}

const channelsIn = (prefix: string, profileId: string | null, rules: NotificationRules): readonly Channel[] =>
  channelKinds
    .filter((kind) => (kind === "desktop" ? rules.desktop : rules[kind] !== null))
    .map((kind) => ({ name: `${prefix}/${kind}`, kind, profileId, rules }));

/** Pure. What a channel tells of at this moment. */
export function kindsNow({ rules: { mute, quietHours } }: Channel, now: number): readonly TroubleKind[] {
  const isNight = quietHours !== null && isQuiet(quietHours, now);
  return troubleKinds.filter((kind) => !mute.includes(kind) && (!isNight || quietHours.except.includes(kind)));
}
