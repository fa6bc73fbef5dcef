/** What a service serves: one profile, or with null all that are installed, in one process. */
export interface Served {
  readonly profileId: string | null;
}

export const unitName = ({ profileId }: Served): string =>
  profileId === null ? "agent-control-plane.service" : `agent-control-plane-${profileId}.service`;

export const agentLabel = ({ profileId }: Served): string =>
  profileId === null ? "ai.agent-control-plane" : `ai.agent-control-plane.profile.${profileId}`;

export const servedInWords = ({ profileId }: Served): string =>
  profileId === null ? "all profiles" : `profile ${profileId}`;

/** As flags of our commands. */
export const servedFlags = ({ profileId }: Served): readonly string[] =>
  profileId === null ? ["--all"] : ["--profile-id", profileId];
