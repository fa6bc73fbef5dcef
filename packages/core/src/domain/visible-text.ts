/**
 * Pure. Text for a terminal: control characters, and those that turn the direction of others, are written as JSON
 * writes them (`\u001b`), so that what is JSON stays the same JSON. Nothing that came from an issue or an agent moves
 * the cursor, recolours what stands around it, or reads differently from what it is. With `coloured`, the styles of
 * our own output pass.
 */
export function visibleText(text: string, { coloured }: { readonly coloured: boolean }): string {
  return text
    .replaceAll("\r\n", "\n")
    .replace(coloured ? styledOrHidden : hidden, (found) => (found.length > 1 ? found : escaped(found)));
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** C0 without tab and newline, DEL and C1, directional marks, overrides and isolates, line and paragraph separators. */
const hiddenClass =
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]";
const hidden = new RegExp(hiddenClass, "g");
/** The styles of output.ts, whole. */
const styledOrHidden = new RegExp(`\\u001b\\[(?:1|2|22|31|32|33|36|39)m|${hiddenClass}`, "g");
