import type { SchedulingPolicy } from "../../domain/policy.ts";
import type { WorkTraits } from "../../domain/wanted.ts";
import type { Issue } from "../../domain/work-item.ts";
import { hasLabel } from "../trust.ts";

type Classified = Pick<Issue, "title" | "body" | "labels">;
type ClassRules = Pick<SchedulingPolicy, "labels" | "heavy">;

/** Of issues that did not change since the last tick, which are the same objects then: words are searched for once. */
const known = new WeakMap<Classified, ClassRules & { readonly traits: WorkTraits }>();

/** What sets an issue apart when room is given out: by its labels, and by the profile's words for heavy work. */
export function traitsOf(issue: Classified, { labels, heavy }: ClassRules): WorkTraits {
  const before = known.get(issue);
  if (before && before.labels === labels && before.heavy === heavy) return before.traits;
  const traits = classify(issue, { labels, heavy });
  known.set(issue, { labels, heavy, traits });
  return traits;
}

function classify(issue: Classified, { labels, heavy }: ClassRules): WorkTraits {
  const isHeavy =
    [labels.heavy, ...heavy.labels].some((label) => hasLabel(issue, label)) ||
    namesOneOf(issue.title, heavy.titleWords) ||
    namesOneOf(issue.body, heavy.bodyWords);
  return {
    heavy: isHeavy,
    exclusive: hasLabel(issue, labels.exclusive),
    recurring: hasLabel(issue, labels.keepOpen),
  };
}

/** The sum over its labels, each counted once; labels compare without case. */
export function priorityOf(labels: readonly string[], { priorities }: Pick<SchedulingPolicy, "priorities">): number {
  const present = new Set(labels.map((label) => label.toLowerCase()));
  return Object.entries(priorities)
    .filter(([label]) => present.has(label.toLowerCase()))
    .reduce((sum, [, worth]) => sum + worth, 0);
}

/** As a word or words of its own, without case: `e2e` is in "the E2E suite" and not in "e2ee". */
function namesOneOf(text: string, words: readonly string[]): boolean {
  const searched = text.toLowerCase();
  return words.some((word) => word !== "" && hasWord(searched, word.toLowerCase()));
}

function hasWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!isWordSign(text[at - 1]) && !isWordSign(text[at + word.length])) return true;
  }
  return false;
}

const isWordSign = (sign: string | undefined): boolean => sign !== undefined && /[\p{L}\p{N}_]/u.test(sign);
