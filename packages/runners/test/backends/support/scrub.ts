import { homedir, hostname, userInfo } from "node:os";

/**
 * Pure but for this machine's own names. Lines without what differs from run to run or tells about the machine: paths,
 * ids, times, ports, and most of what is long. The times in `kept` stay; a pause from now that ends within a minute of one
 * becomes it.
 */
export function scrub(
  lines: readonly string[],
  {
    paths,
    kept,
    maxLines,
  }: { readonly paths: ReadonlyMap<string, string>; readonly kept: readonly number[]; readonly maxLines: number },
): readonly string[] {
  const half = Math.floor(maxLines / 2);
  const few = lines.length > maxLines ? [...lines.slice(0, half), ...lines.slice(-half)] : lines;
  let text = few.map(shortened).join("\n");
  for (const [path, name] of [...paths, [homedir(), "/home/agent"] as const]) {
    // Some programs name a folder of their own after the one they work in.
    text = text.replaceAll(path, name).replaceAll(path.replaceAll(/[^A-Za-z0-9]/g, "-"), name.replaceAll("/", "-"));
  }
  const ids = new Map<string, number>();
  const numbered = (id: string) => {
    const number = ids.get(id) ?? ids.size + 1;
    ids.set(id, number);
    return String(number).padStart(12, "0");
  };
  const keptNear = (ms: number) => kept.find((each) => Math.abs(each - ms) <= 60_000);
  return text
    .replaceAll(
      /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g,
      (id) => `00000000-0000-4000-8000-${numbered(id)}`,
    )
    .replaceAll(
      /\b(ses|msg|prt|evt|req|toolu|chatcmpl|run)_[A-Za-z0-9]{16,}\b/g,
      (id, kind) => `${kind}_${numbered(id)}`,
    )
    .replaceAll(/\b20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, (time) =>
      kept.includes(Date.parse(time)) ? time : "2026-01-01T00:00:00.000Z",
    )
    .replaceAll(/\b1[789]\d{11}\b/g, (ms) => String(keptNear(Number(ms)) ?? 1_767_225_600_000))
    .replaceAll(/("(?!retry_after_)\w*(?:_ms|Ms|_seconds)"):\s*[\d.]+/g, "$1:1")
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:1")
    .replaceAll(hostname(), "host")
    .replaceAll(new RegExp(`"${userInfo().username}"`, "g"), '"agent"')
    .split("\n");
}

/** Lists of what a program knows, and long texts, prove nothing. */
function shortened(line: string): string {
  try {
    return JSON.stringify(JSON.parse(line), (_key, value) => {
      // A program's own instructions to its model are neither ours nor of use.
      if (value?.role === "system") return { role: "system" };
      if (Array.isArray(value) && value.length > 4 && value.every((each) => typeof each === "string"))
        return value.slice(0, 2);
      return typeof value === "string" && value.length > 400 ? `${value.slice(0, 400)} [cut]` : value;
    });
  } catch {
    return line.length > 2_000 ? line.slice(0, 2_000) : line;
  }
}
