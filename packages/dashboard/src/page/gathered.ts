// Rows of a profile with the names under which they stand in a list of several. Pure.
import type { ProfileDocument } from "../documents/index.ts";
import type { Asking } from "./lists/needs-person-list.tsx";
import type { Running } from "./lists/running-list.tsx";
import type { Waking } from "./lists/wake-up-list.tsx";
import type { Write } from "./lists/write-list.tsx";

const titleIn = ({ titles }: ProfileDocument, subject: string | null): string =>
  (subject === null ? undefined : titles[subject]) ?? "";

export const askingIn = (profile: ProfileDocument): readonly Asking[] =>
  profile.needsPerson.map((one) => ({
    ...one,
    profileId: profile.profileId,
    title: titleIn(profile, one.subject),
  }));

export const runningIn = (profile: ProfileDocument): readonly Running[] =>
  profile.live.map((one) => ({ ...one, profileId: profile.profileId, title: titleIn(profile, one.subject) }));

export const wakingIn = (profile: ProfileDocument): readonly Waking[] =>
  profile.wakeUps.map((one) => ({ ...one, profileId: profile.profileId, title: titleIn(profile, one.subject) }));

export const writesIn = (
  { profileId, writes }: ProfileDocument,
  state: keyof ProfileDocument["writes"],
): readonly Write[] => writes[state].map((write) => ({ ...write, profileId }));
