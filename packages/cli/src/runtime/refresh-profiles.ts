import type { CliContext } from "../context.ts";
import { refuseNotInstalled } from "../select-profile.ts";
import { withStoreToRead } from "../store/with-store.ts";
import { askForLook } from "./asked-looks.ts";
import { liveDaemons } from "./daemons.ts";

/** What `runtime refresh` did; field by field in docs/json-output.md. */
export interface Refreshed {
  /** `not-running`: nobody serves one of these profiles, so nobody looks. */
  readonly status: "asked" | "not-running";
  /** Looked at within a second, or as soon as five have passed since the last look. */
  readonly asked: readonly string[];
  readonly notRunning: readonly string[];
}

/** Asks the runtimes that serve these profiles to look now. Repeating it changes nothing until they have looked. */
export async function refreshProfiles(
  { home }: Pick<CliContext, "home">,
  profileIds: readonly string[],
): Promise<Refreshed> {
  for (const id of profileIds) refuseNotInstalled(home, id);
  const served = await withStoreToRead<readonly string[]>(home, [], async (store) =>
    (await liveDaemons(store)).flatMap((daemon) => daemon.profileIds),
  );
  const asked = profileIds.filter((id) => served.includes(id));
  if (asked.length > 0) askForLook(home, asked);
  return {
    status: asked.length > 0 ? "asked" : "not-running",
    asked,
    notRunning: profileIds.filter((id) => !asked.includes(id)),
  };
}

export function refreshedInWords({ asked, notRunning }: Refreshed): string {
  const parts = [
    ...(asked.length > 0 ? [`asked to look now: ${asked.join(", ")}`] : []),
    ...(notRunning.length > 0 ? [`not running: ${notRunning.join(", ")}; "acp runtime start" starts it`] : []),
  ];
  return parts.join("\n");
}
