import { fenced } from "../../domain/fence.ts";
import { readableText } from "../../domain/readable-text.ts";
import { fitText, pruned, sharesOf, sizeOf } from "./fit-text.ts";

/** A part of a layer: ours or the plan's own words, or words of workers and people, which are fenced as data. */
export type Part =
  | { readonly title: string; readonly ours: string }
  | { readonly title: string; readonly theirs: string; readonly from: string };

/**
 * Pure. A layer as Markdown of at most `budget` bytes. Parts that are too long share what room there is and are cut in
 * their middle, inside their fences; parts for which not even a fence has room are left out from the last on.
 */
export function renderLayer(title: string, parts: readonly Part[], budget: number, nonce: string): string {
  const head = `# ${title}\n`;
  const texts = parts.map((part) => textOf(part, budget));
  // Not one of so many could have its least.
  const most = Math.min(parts.length, Math.ceil(budget / leastBytes));
  for (let count = most; count > 0; count -= 1) {
    const made = rendered(head, texts.slice(0, count), parts.length - count, budget, nonce);
    if (made !== null) return made;
  }
  return fitText(head, budget);
}

/** Below this a part says nothing any more. */
const leastBytes = 80;

interface PartText {
  readonly part: Part;
  readonly text: string;
  /** Bytes that it had at first. */
  readonly whole: number;
}

function textOf(part: Part, budget: number): PartText {
  const given = "ours" in part ? part.ours : part.theirs;
  const text = pruned(given, budget);
  return { part, text: "ours" in part ? text : readableText(text, text.length), whole: sizeOf(given) };
}

function rendered(
  head: string,
  parts: readonly PartText[],
  left: number,
  budget: number,
  nonce: string,
): string | null {
  const foot = left === 0 ? "" : `\n(${left} more parts had no room here.)\n`;
  const frames = parts.map(({ part }) => sizeOf(written(part, "", longestNonce(nonce))));
  const room = budget - sizeOf(head) - sizeOf(foot) - frames.reduce((sum, each) => sum + each, 0);
  const sizes = parts.map(({ text }) => sizeOf(text));
  const shares = sharesOf(sizes, room);
  const tooSmall = sizes.some((size, index) => (shares[index] ?? 0) < Math.min(leastBytes, size));
  if (room < 0 || tooSmall) return null;
  const texts = parts.map(({ part, text, whole }, index) =>
    written(part, fitText(text, shares[index] ?? 0, whole), nonce),
  );
  const made = `${head}${texts.join("")}${foot}`;
  return sizeOf(made) <= budget ? made : null;
}

const written = (part: Part, text: string, nonce: string): string =>
  `\n## ${part.title}\n\n${"ours" in part ? text : fenced(text, part.from, nonce)}\n`;

/** A text that knows the nonce makes its fence longer by a counter. */
const longestNonce = (nonce: string): string => `${nonce}-99`;
