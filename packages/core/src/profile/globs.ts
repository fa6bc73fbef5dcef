/**
 * Why a path glob is not one we match, or null. The language is small on purpose: `*`, `**` as a whole part, and `?`;
 * everything else stands for itself, and what people know from other tools is refused rather than never matched.
 */
export function globFault(glob: string): { readonly message: string; readonly fix: string } | null {
  const says = (message: string, fix: string) => ({ message: `"${glob}" ${message}`, fix });
  if (glob.startsWith("!")) return says("excludes; a list only includes.", "name the paths that are meant.");
  if (/[{}[\]]/.test(glob)) return says("holds brackets or braces, which match nothing here.", "write one glob each.");
  if (glob.includes("\\")) return says("holds a backslash.", "write / between folders.");
  const parts = glob.split("/");
  if (glob.startsWith("/") || parts.includes(".") || parts.includes(".."))
    return says("does not start at the repository's root.", "write it as docs/** or **/docs/**.");
  if (parts.includes("")) return says("has an empty part.", "for a folder and all in it, end it with /**.");
  if (parts.some((part) => part !== "**" && part.includes("**")))
    return says("has ** beside other characters.", "** stands alone between slashes, as in src/**/*.ts.");
  return null;
}

/** Why a text is no regular expression we can use, or null. They are matched without case. */
export function patternFault(pattern: string): { readonly message: string; readonly fix: string } | null {
  try {
    const expression = new RegExp(pattern, "i");
    if (!expression.test("")) return null;
    return { message: `"${pattern}" matches every text.`, fix: "name words of the message that is meant." };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      message: `"${pattern}" is no regular expression: ${why}.`,
      fix: "correct it, or escape . ( ) [ ] * + ? with \\\\.",
    };
  }
}
