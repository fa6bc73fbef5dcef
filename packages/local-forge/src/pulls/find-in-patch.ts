export interface PlaceInPatch {
  /** Lines below the first `@@`. */
  readonly position: number;
  /** From the `@@` of its hunk down to the line itself. */
  readonly hunk: string;
}

/** Pure: where a line of a file stands in its patch; null when the patch does not show it. */
export function findInPatch(patch: string, line: number, side: "LEFT" | "RIGHT"): PlaceInPatch | null {
  const lines = patch.split("\n");
  let at = { left: 0, right: 0, hunk: 0 };
  for (const [index, text] of lines.entries()) {
    const header = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text);
    if (header) {
      at = { left: Number(header[1]), right: Number(header[2]), hunk: index };
      continue;
    }
    const [isLeft, isRight] = [text[0] === "-" || text[0] === " ", text[0] === "+" || text[0] === " "];
    const found = side === "LEFT" ? isLeft && at.left === line : isRight && at.right === line;
    if (found) return { position: index, hunk: lines.slice(at.hunk, index + 1).join("\n") };
    at = { ...at, left: at.left + Number(isLeft), right: at.right + Number(isRight) };
  }
  return null;
}
