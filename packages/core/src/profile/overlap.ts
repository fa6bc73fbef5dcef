import type { Profile } from "./profile.ts";
import { overlaps } from "./rules.ts";

/** Two installed profiles that get in each other's way. An `error` means agents of one could touch the other's work. */
export interface ProfileOverlap {
  readonly severity: "error" | "warning";
  readonly profileIds: readonly [string, string];
  readonly message: string;
  readonly fix: string;
}

/** Compares every pair once, in the order given. */
export function profileOverlaps(profiles: readonly Profile[]): readonly ProfileOverlap[] {
  return profiles.flatMap((first, index) => profiles.slice(index + 1).flatMap((second) => pairOverlaps(first, second)));
}

function pairOverlaps(a: Profile, b: Profile): readonly ProfileOverlap[] {
  const profileIds = [a.id, b.id] as const;
  const found: ProfileOverlap[] = [];
  if (a.id === b.id) {
    const message = `Two profiles have the id "${a.id}": ${a.file} and ${b.file}.`;
    found.push({ severity: "error", profileIds, message, fix: "rename one of the two." });
  }
  const clash = nestedFolders(a, b);
  if (clash !== null) {
    const message = `Profiles "${a.id}" and "${b.id}" have folders in one another: ${clash[0]} and ${clash[1]}.`;
    found.push({ severity: "error", profileIds, message, fix: "give each profile an agent root of its own." });
  }
  if (sameRepository(a, b)) {
    const message = `Profiles "${a.id}" and "${b.id}" both work on ${a.repo.slug}; each issue could be worked by both.`;
    found.push({ severity: "warning", profileIds, message, fix: "use different ready labels, or one profile." });
  }
  return found;
}

/** Agents' folders of one in agents' folders or in the checkout of the other. Two profiles may share a checkout: it is only read. */
function nestedFolders(a: Profile, b: Profile): readonly [string, string] | null {
  for (const mine of foldersOf(a)) {
    for (const theirs of [...foldersOf(b), b.repo.root]) {
      if (theirs !== null && overlaps(mine, theirs)) return [mine, theirs];
    }
  }
  const checkout = a.repo.root;
  if (checkout === null) return null;
  const inside = foldersOf(b).find((theirs) => overlaps(checkout, theirs));
  return inside === undefined ? null : [checkout, inside];
}

const foldersOf = ({ runtime }: Profile): readonly string[] => [
  runtime.agentRoot,
  runtime.worktreeRoot,
  runtime.agentRepoRoot,
  runtime.runsRoot,
];

function sameRepository(a: Profile, b: Profile): boolean {
  const sameForge = a.forge.provider === b.forge.provider && a.forge.apiUrl === b.forge.apiUrl;
  return sameForge && a.repo.slug.toLowerCase() === b.repo.slug.toLowerCase();
}
