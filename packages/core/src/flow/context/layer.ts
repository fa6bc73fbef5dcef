import { fenced } from "../../domain/fence.ts";
import { readableText } from "../../domain/readable-text.ts";
import { fitText, sharesOf, sizeOf } from "./fit-text.ts";

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
  for (let count = parts.length; count > 0; count -= 1) {
    const made = rendered(head, parts.slice(0, count), parts.length - count, budget, nonce);
    if (made !== null) return made;
  }
  return fitText(head, budget);
}

/** Below this a part says nothing any more. */
const leastBytes = 60;

function rendered(head: string, parts: readonly Part[], left: number, budget: number, nonce: string): string | null {
  const foot = left === 0 ? "" : `\n(${left} more parts had no room here.)\n`;
  const texts = parts.map((part) => ("ours" in part ? part.ours : readableText(part.theirs, Number.MAX_SAFE_INTEGER)));
  const frames = parts.map((part) => sizeOf(written(part, "", longestNonce(nonce))));
  const room = budget - sizeOf(head) - sizeOf(foot) - frames.reduce((sum, each) => sum + each, 0);
  const shares = sharesOf(texts.map(sizeOf), room);
  const tooSmall = texts.some((text, index) => (shares[index] ?? 0) < Math.min(leastBytes, sizeOf(text)));
  if (room < 0 || tooSmall) return null;
  const whole = parts.map((part, index) =>
    written(part, fitText(texts[index] as string, shares[index] as number), nonce),
  );
  const made = `${head}${whole.join("")}${foot}`;
  return sizeOf(made) <= budget ? made : null;
}

const written = (part: Part, text: string, nonce: string): string =>
  `\n## ${part.title}\n\n${"ours" in part ? text : fenced(text, part.from, nonce)}\n`;

/** A text that knows the nonce makes its fence longer by a counter. */
const longestNonce = (nonce: string): string => `${nonce}-99`;
