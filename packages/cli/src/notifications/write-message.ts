import {
  type DatedTrouble,
  type NotificationMessage,
  type ToldTrouble,
  type Trouble,
  type TroubleKind,
  troubleKinds,
} from "@agent-control-plane/core";

/** Troubles that a message holds itself; it says how many more there are. */
export const mostInMessage = 20;
const mostInText = 8;

export interface MessageParts {
  readonly delivery: string;
  readonly now: number;
  /** The machine. */
  readonly host: string;
  readonly isTest?: boolean;
  readonly dashboardUrl: string | null;
  readonly troubles: readonly DatedTrouble[];
  readonly counts: { readonly [kind in TroubleKind]?: number };
}

/** Pure. What a channel is given. */
export function writeMessage(parts: MessageParts): NotificationMessage {
  const { delivery, now, host, isTest = false, counts, troubles } = parts;
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const shown = troubles.slice(0, mostInMessage);
  return {
    ...{ delivery, at: new Date(now).toISOString(), host, isTest },
    title: `${isTest ? "Test: " : ""}${titleOf(total, counts)}`,
    text: linesOf(shown, total).join("\n"),
    ...{ total, counts },
    troubles: shown.map((trouble) => told(trouble, parts.dashboardUrl)),
  };
}

const titleOf = (total: number, counts: MessageParts["counts"]): string => {
  const kinds = troubleKinds.filter((kind) => counts[kind] !== undefined);
  const named = kinds.map((kind) => (kinds.length === 1 ? kind : `${counts[kind]} ${kind}`)).join(", ");
  return `${total === 1 ? "1 trouble" : `${total} troubles`}: ${named}`;
};

function linesOf(troubles: readonly Trouble[], total: number): readonly string[] {
  const lines = troubles.slice(0, mostInText).map((trouble) => `${placeOf(trouble)}${trouble.text}; ${trouble.act}`);
  return total > lines.length ? [...lines, `and ${total - lines.length} more: acp notify list`] : lines;
}

const placeOf = ({ profileId, subject, title }: Trouble): string => {
  const quoted = title === null ? null : `"${title}"`;
  const place = [profileId, subject, quoted].filter((part) => part !== null).join(" ");
  return place === "" ? "" : `${place}: `;
};

function told({ settleMs: _settleMs, ...trouble }: DatedTrouble, dashboardUrl: string | null): ToldTrouble {
  return {
    ...trouble,
    since: new Date(trouble.since).toISOString(),
    link: dashboardUrl === null ? null : `${dashboardUrl}/${hashOf(trouble)}`,
  };
}

/** Where the dashboard shows it. */
function hashOf({ profileId, subject }: Pick<Trouble, "profileId" | "subject">): string {
  const [what = "", ...rest] = (subject ?? "").split(":");
  const id = rest.join(":");
  if (what === "flow") return `#/flow/${encodeURIComponent(id)}`;
  if (profileId === null) return "#/";
  if (what === "issue" || what === "pr") return `#/item/${encodeURIComponent(profileId)}/${what}:${id}`;
  return `#/profile/${encodeURIComponent(profileId)}`;
}
