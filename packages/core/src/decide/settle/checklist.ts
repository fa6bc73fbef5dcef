/** A task list's open entries that a merged pull request has done, ticked. `ticked`: their texts, none when nothing changes. */
export interface Ticked {
  readonly body: string;
  readonly ticked: readonly string[];
}

interface Entry {
  readonly line: number;
  readonly text: string;
}

/**
 * Every open entry that names the pull request by its number. When none does, the one its title fits best, if it fits
 * well and no other fits as well: a title that goes with many entries ticks none.
 */
export function tickChecklist(body: string, pullRequest: { readonly number: number; readonly title: string }): Ticked {
  const lines = body.split("\n");
  const entries = openEntries(lines);
  const named = entries.filter(({ text }) => namesNumber(text, pullRequest.number));
  const done = named.length > 0 ? named : bestFor(entries, pullRequest.title);
  if (done.length === 0) return { body, ticked: [] };
  const ticked = new Set(done.map(({ line }) => line));
  return {
    body: lines.map((text, line) => (ticked.has(line) ? text.replace("[ ]", "[x]") : text)).join("\n"),
    ticked: done.map(({ text }) => text),
  };
}

/** What stands in a block of code is an example. */
function openEntries(lines: readonly string[]): readonly Entry[] {
  const entries: Entry[] = [];
  let fence: string | null = null;
  for (const [line, text] of lines.entries()) {
    const [, mark] = /^ {0,3}(```+|~~~+)/.exec(text) ?? [];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
      continue;
    }
    const [, said] = fence === null ? (/^\s*(?:[-*+]|\d{1,9}[.)]) \[ \] +(.*\S)/.exec(text) ?? []) : [];
    if (said !== undefined) entries.push({ line, text: said });
  }
  return entries;
}

const namesNumber = (text: string, number: number): boolean =>
  [...text.matchAll(/(?:^|[^\w/])#(\d{1,9})\b|\/pull\/(\d{1,9})\b/g)].some(
    ([, hash, link]) => Number(hash ?? link) === number,
  );

function bestFor(entries: readonly Entry[], title: string): readonly Entry[] {
  const fits = entries.map((entry) => ({ entry, fit: fitOf(entry.text, title) })).filter(({ fit }) => fit > 0);
  const best = Math.max(0, ...fits.map(({ fit }) => fit));
  const first = fits.filter(({ fit }) => fit === best);
  return first.length === 1 ? first.map(({ entry }) => entry) : [];
}

/**
 * How well a title fits an entry, 0: not. The reference's measures: of the entry's words 0.45 are in the title, at least
 * two; or half of its names of code; or 0.35 of both.
 */
function fitOf(entry: string, title: string): number {
  const words = shareOf(wordsOf(entry), wordsOf(title));
  const names = shareOf(namesOf(entry), namesOf(title));
  const byWords = words.share >= 0.45 && words.count >= 2;
  const byNames = names.share >= 0.5;
  const byBoth = words.share >= 0.35 && names.share >= 0.35;
  return byWords || byNames || byBoth ? words.share + names.share : 0;
}

function shareOf(
  of: ReadonlySet<string>,
  within: ReadonlySet<string>,
): { readonly share: number; readonly count: number } {
  const count = [...of].filter((each) => within.has(each)).length;
  return { share: of.size === 0 ? 0 : count / of.size, count };
}

/** Without the small words that every sentence has. */
const wordsOf = (text: string): ReadonlySet<string> =>
  new Set((text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => word.length > 2 && !small.has(word)));

const small: ReadonlySet<string> = new Set(["the", "and", "for", "with", "from", "into", "that", "this", "all", "not"]);

/** Names of files, functions and the like: with a dot, a slash, an underscore or a capital inside. */
const namesOf = (text: string): ReadonlySet<string> =>
  new Set((text.match(/[A-Za-z][\w./-]*[\w]/g) ?? []).filter((name) => /[._/]|[a-z][A-Z]/.test(name)));
