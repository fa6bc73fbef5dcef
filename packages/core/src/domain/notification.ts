import type { Instant, Millis } from "./time.ts";
import type { Trouble, TroubleKind } from "./trouble.ts";

/** Who is told of troubles, and when. Of the host: of all of them; of a profile: of its own. */
export interface NotificationRules {
  /** Never told. Those of a profile are not told by the host's channels either. */
  readonly mute: readonly TroubleKind[];
  /** At most one message in this time by each channel. */
  readonly groupMs: Millis;
  readonly quietHours: QuietHours | null;
  /** By notify-send or osascript, where the runtime runs. */
  readonly desktop: boolean;
  readonly webhook: WebhookRules | null;
  readonly command: CommandRules | null;
}

/** Minutes of the day; past midnight where the end is the smaller one. */
export interface QuietHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name; null: the machine's own. */
  readonly timeZone: string | null;
  /** Told all the same. */
  readonly except: readonly TroubleKind[];
}

export interface WebhookRules {
  /** An address, or where it stands: `env:NAME`, `file:/path`. */
  readonly url: string;
  /** `env:NAME` or `file:/path`; null: the runtime home's own, with which callbacks of flows are signed, too. */
  readonly secret: string | null;
}

export interface CommandRules {
  readonly run: readonly string[];
  /** Names of variables that it is given beside the usual ones. */
  readonly pass: readonly string[];
  readonly timeoutMs: Millis;
}

/** Of the host there is besides where the page of these troubles is. */
export interface HostNotificationRules extends NotificationRules {
  /** Without a trailing slash; null: messages hold no links. */
  readonly dashboardUrl: string | null;
}

export const noNotifications: NotificationRules = {
  ...{ mute: [], groupMs: 600_000, quietHours: null, desktop: false, webhook: null, command: null },
};

/** One message to one channel. It is sent at least once: whoever gets it twice knows it by `delivery`. */
export interface Notification {
  readonly id: number;
  readonly delivery: string;
  /** `host/webhook`, `profile/web/desktop`. */
  readonly channel: string;
  readonly message: NotificationMessage;
  readonly state: "pending" | "sent" | "failed";
  readonly tries: number;
  readonly nextAt: Instant;
  readonly createdAt: Instant;
  /** When it was sent or given up. */
  readonly endedAt: Instant | null;
  /** What the channel said last; never an address. */
  readonly answer: string | null;
}

/** What a channel is given, as JSON; field by field in docs/notifications.md. */
export interface NotificationMessage {
  readonly delivery: string;
  readonly at: string;
  readonly host: string;
  readonly isTest: boolean;
  /** One line. */
  readonly title: string;
  /** Some lines for people. */
  readonly text: string;
  /** How many troubles it speaks of, and how many of each kind. */
  readonly total: number;
  readonly counts: { readonly [kind in TroubleKind]?: number };
  /** The first of them. */
  readonly troubles: readonly ToldTrouble[];
}

export type ToldTrouble = Omit<Trouble, "since" | "settleMs"> & {
  /** ISO 8601. */
  readonly since: string;
  /** Of the dashboard. */
  readonly link: string | null;
};
