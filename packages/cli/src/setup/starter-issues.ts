export interface StarterIssue {
  readonly name: StarterName;
  readonly title: string;
  readonly body: string;
}

export const starterNames = ["documentation", "test-coverage", "code-quality", "dependency-audit", "refactor"] as const;
export type StarterName = (typeof starterNames)[number];

/** Put on each, so that a repeated setup finds them again among thousands. */
export const starterLabel = {
  name: "agent-starter",
  color: "D4C5F9",
  description: "Made by acp setup: a first piece of work for the agents.",
} as const;

/** Pure. By which a starter issue is known again, whatever becomes of its title. */
export const starterMark = (name: StarterName): string => `<!-- agent-control-plane:starter:${name} -->`;

/**
 * Pure. One piece of work each, small enough for one session and one pull request. None has a schedule line: that would
 * make it a check that only reports.
 */
export function starterIssue(name: StarterName): StarterIssue {
  const { title, lines } = texts[name];
  const body = [...lines, "", "Keep the change small, and leave what has nothing to do with it as it is."].join("\n");
  return { name, title, body: `${body}\n\n${starterMark(name)}` };
}

/** What a person reads who chooses among them. */
export const starterHints: Readonly<Record<StarterName, string>> = {
  documentation: "the README says how to install, run and test",
  "test-coverage": "tests for the least tested part",
  "code-quality": "one warning, dead piece or unclear name less",
  "dependency-audit": "unused or outdated dependencies, the harmless ones",
  refactor: "one function that does too much, split",
};

const texts: Readonly<Record<StarterName, { readonly title: string; readonly lines: readonly string[] }>> = {
  documentation: {
    title: "README: how to install, run and test this project",
    lines: [
      "Somebody new should get from a fresh clone to passing tests with what the README says.",
      "",
      "- [ ] Compare what the README says with what the repository needs.",
      "- [ ] Add what is missing: requirements, installing, running, testing. Correct what is wrong.",
      "- [ ] Run each command that the README names.",
    ],
  },
  "test-coverage": {
    title: "Tests for the least tested part",
    lines: [
      "Find the part with the most logic and the fewest tests, and write tests for what it promises.",
      "",
      "- [ ] Name the part and why it was chosen in the pull request.",
      "- [ ] Cover its usual cases, its edges and its errors.",
      "- [ ] Each new test fails when the behaviour it names is broken.",
    ],
  },
  "code-quality": {
    title: "Clean up one unclear place in the code",
    lines: [
      "Find one place that warnings, dead code, a misleading name or a copied passage make hard to read, and clean it up.",
      "",
      "- [ ] The behaviour stays the same.",
      "- [ ] What is not used any more is gone, with its tests and mentions.",
      "- [ ] The project's own checks pass.",
    ],
  },
  "dependency-audit": {
    title: "Dependencies: remove the unused, update the harmless",
    lines: [
      "Look through what this project depends on.",
      "",
      "- [ ] Remove dependencies that nothing uses.",
      "- [ ] Update within the same major version where the tests show that it is safe; commit the lock file.",
      "- [ ] List in the pull request what is left and why.",
    ],
  },
  refactor: {
    title: "Split one function that does too much",
    lines: [
      "Find the longest or most nested function and split it into parts that each do one thing.",
      "",
      "- [ ] Its callers and its behaviour stay as they are.",
      "- [ ] Where its behaviour has no test, write one first.",
      "- [ ] The parts have names that say what they do.",
    ],
  },
};
