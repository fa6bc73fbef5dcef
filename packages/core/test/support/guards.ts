import type { Delta, GuardRules, SecretScanner } from "../../src/index.ts";
import * as risk from "../../src/profile/risk-defaults.ts";

/** As a profile that says nothing of them. */
export const usualGuards: GuardRules = {
  scope: { maxFiles: 300, maxLines: 10_000 },
  protectedPaths: [],
  allowedPaths: [],
  weakenedTests: "approve",
  secretsAllowedIn: [],
  tests: risk.tests,
  docsOnly: risk.docsOnly,
  generated: risk.generated,
};

export const noSecrets: SecretScanner = { find: async () => [] };

/** A change of one line in one file. */
export const smallDelta: Delta = {
  files: [
    {
      ...{ path: "src/x.js", status: "modified", additions: 1, deletions: 1, isBinary: false },
      added: [{ line: 1, text: "new" }],
      removed: ["old"],
    },
  ],
  passing: [],
  isCut: false,
};
