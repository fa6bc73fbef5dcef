import type { AddedLine, Delta, FoundSecret, Inspection } from "../domain/delta.ts";
import type { SecretScanner, Worktrees } from "../ports.ts";

/** Reads the change line by line and looks for secrets in what it adds, also where a later commit took it out again. */
export async function inspectWork(
  { worktrees, secrets }: { readonly worktrees: Worktrees; readonly secrets: SecretScanner },
  work: { readonly startSha: string; readonly headSha: string; readonly baseSha?: string },
): Promise<Inspection> {
  const delta = await worktrees.delta(work);
  return { delta, secrets: await secretsIn(delta, secrets) };
}

async function secretsIn({ files, passing }: Delta, scanner: SecretScanner): Promise<readonly FoundSecret[]> {
  const found = new Map<string, FoundSecret>();
  for (const { path, added } of [...files, ...passing]) {
    for (const each of await secretsOf(added, scanner)) {
      const key = `${path}\0${each.kind}\0${each.text}`;
      if (!found.has(key)) found.set(key, { path, line: each.line, kind: each.kind });
    }
  }
  return [...found.values()];
}

/** As one text, since some secrets have several lines. */
async function secretsOf(added: readonly AddedLine[], scanner: SecretScanner) {
  if (added.length === 0) return [];
  // Zero bytes stand between the letters of some encodings, and would stand between those of a secret.
  const text = added.map((line) => line.text.replaceAll("\0", "")).join("\n");
  const matches = await scanner.find(text);
  return matches.map(({ start, end, kind }) => {
    const at = text.slice(0, start).split("\n").length - 1;
    return { kind, line: added[at]?.line ?? 0, text: text.slice(start, end) };
  });
}
