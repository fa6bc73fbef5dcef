/** What a service is for: one profile, or with null all that are installed, in one process; or the dashboard. */
export interface Served {
  readonly profileId: string | null;
  /** Absent: it works the profiles. The dashboard is of none of them. */
  readonly part?: "dashboard";
}

/** The dashboard's own service, whatever profiles there are. */
export const theDashboard: Served = { profileId: null, part: "dashboard" };

// No profile's name has a dot, so that none can be taken for the dashboard.
export const unitName = ({ profileId, part }: Served): string => {
  if (part === "dashboard") return "agent-control-plane.dashboard.service";
  return profileId === null ? "agent-control-plane.service" : `agent-control-plane-${profileId}.service`;
};

export const agentLabel = ({ profileId, part }: Served): string => {
  if (part === "dashboard") return "ai.agent-control-plane.dashboard";
  return profileId === null ? "ai.agent-control-plane" : `ai.agent-control-plane.profile.${profileId}`;
};

export const servedInWords = ({ profileId, part }: Served): string => {
  if (part === "dashboard") return "the dashboard";
  return profileId === null ? "all profiles" : `profile ${profileId}`;
};

/** As flags of our commands. */
export const servedFlags = ({ profileId, part }: Served): readonly string[] => {
  if (part === "dashboard") return ["--dashboard"];
  return profileId === null ? ["--all"] : ["--profile-id", profileId];
};

export const isSameService = (one: Served, other: Served): boolean => unitName(one) === unitName(other);
