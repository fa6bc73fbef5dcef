import type { BrokenRule } from "./broken-rule.ts";
import type { ProfileFile } from "./schema.ts";

interface NamedLabel {
  readonly path: readonly (string | number)[];
  readonly role: string;
  readonly label: string;
}

/** One label, one meaning. Forges compare labels without case, and so do we. */
export function labelRules({ queue, publish }: ProfileFile): readonly BrokenRule[] {
  const roles: readonly NamedLabel[] = (["issue_labels", "pr_labels"] as const).flatMap((list) =>
    Object.entries(queue[list]).map(([role, label]) => ({ path: ["queue", list, role], role, label })),
  );
  const priorities = Object.keys(queue.priority_labels).map((label) => ({
    path: ["queue", "priority_labels", label],
    role: "priority",
    label,
  }));
  const fromTheStart = [
    ...publish.labels.map((label, index) => ({ path: ["publish", "labels", index], label, what: "a pull request" })),
    ...queue.follow_up_labels.map((label, index) => ({
      path: ["queue", "follow_up_labels", index],
      label,
      what: "a follow-up issue",
    })),
  ];
  return [
    ...doubled([...roles, ...priorities]),
    ...fromTheStart.flatMap(({ path, label, what }) => {
      const role = roles.find((other) => same(other.label, label));
      if (role === undefined) return [];
      return [
        {
          path,
          message: `"${label}" is the ${role.role} label of the queue; ${what} must not carry it from the start.`,
          fix: "use another label.",
        },
      ];
    }),
  ];
}

function doubled(labels: readonly NamedLabel[]): readonly BrokenRule[] {
  return labels.flatMap(({ path, label }, index) => {
    const other = labels.slice(0, index).find((earlier) => same(earlier.label, label));
    if (other === undefined) return [];
    return [
      { path, message: `"${label}" is the ${other.role} label already.`, fix: "give each role a label of its own." },
    ];
  });
}

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
