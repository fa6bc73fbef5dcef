import type { Channel, ChannelKind } from "./channels.ts";
import { desktopProgram } from "./send-desktop.ts";

/** A channel as commands print it; field by field in docs/json-output.md. */
export interface DescribedChannel {
  readonly name: string;
  readonly kind: ChannelKind;
  readonly profileId: string | null;
  /** May be shown to anybody: of an address the host alone, for its path may be a key. */
  readonly goesTo: string;
}

/** Pure. */
export const describeChannel = (channel: Channel, platform: NodeJS.Platform = process.platform): DescribedChannel => ({
  ...{ name: channel.name, kind: channel.kind, profileId: channel.profileId, goesTo: placeOf(channel, platform) },
});

function placeOf({ kind, rules }: Channel, platform: NodeJS.Platform): string {
  if (kind === "desktop") return desktopProgram(platform);
  if (kind === "command") return rules.command?.run[0] ?? "";
  const url = rules.webhook?.url ?? "";
  if (url.startsWith("env:") || url.startsWith("file:")) return url;
  return URL.canParse(url) ? new URL(url).origin : "";
}

/** Of a file that is not valid as it is now. */
export const notReadText = (file: string): string =>
  `${file} is not valid, so whom it names is not known: acp profile validate says what is wrong with it.`;
