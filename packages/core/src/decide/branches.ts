/** All branches of a profile's agents. */
export const agentBranchPrefix = (profileId: string): string => `agent/${profileId}/`;

/** Prefix of every branch we make for an issue; what comes after it names the session. */
export const issueBranchPrefix = (profileId: string, number: number): string =>
  `${agentBranchPrefix(profileId)}issue-${number}-`;
