import { type EffectiveValue, profileError, profileFile, readProfile } from "@agent-control-plane/core";
import { backends } from "@agent-control-plane/runners/backends";
import type { CliContext } from "../context.ts";
import { table } from "../output.ts";
import { selectProfileId } from "../select-profile.ts";
import type { ProfileOptions } from "./profile-options.ts";

/** The effective values, each with its origin. A profile with problems ends as `loadProfile` ends: all of them listed. */
export function showProfile(context: CliContext, { profileId, json }: ProfileOptions): void {
  const { home, env, output } = context;
  const id = selectProfileId(context, profileId);
  const parsed = readProfile(home, id, env, backends);
  if (!parsed.ok) throw profileError(id, parsed.problems);
  const file = profileFile(home, id);
  if (json === true) {
    output.json({ id, file, values: parsed.effective });
    return;
  }
  const { bold, dim } = output.style;
  output.print(`${bold(id)}  ${dim(file)}`);
  output.print(
    table(parsed.effective.map((value) => [value.path, JSON.stringify(value.value), dim(originText(value))])),
  );
}

function originText({ origin, line }: EffectiveValue): string {
  return line === undefined ? origin : `line ${line}`;
}
