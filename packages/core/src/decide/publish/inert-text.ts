const maxAgentText = 8_000;

/**
 * Text that came from an agent may name other issues with closing words, mention people, ask for checks to be skipped or
 * hold our own markers; none of that may act on the forge, neither as it stands nor spelled with entities. A word joiner breaks the link and shows
 * nothing. Control characters and what turns the direction of text go.
 */
export function neutralise(text: string, own: number | null): string {
  return readable(text)
    .slice(0, maxAgentText)
    .replace(halves, "\uFFFD")
    .replaceAll("<!--", "<\u2060!--")
    .replace(/&(?=[#A-Za-z])/g, "&\u2060")
    .replace(/@(?=[A-Za-z0-9])/g, "@\u2060")
    .replace(/#(\d+)/g, (whole, digits: string) => (Number(digits) === own ? whole : `#\u2060${digits}`))
    .replace(/\[(?=(?:skip|ci|no|actions)[ -](?:ci|skip|actions)\])/gi, "[\u2060")
    .replace(/\bskip-checks(?=:)/gi, "skip-checks\u2060")
    .replace(/\bGH-(?=\d)/gi, (found) => `${found}\u2060`)
    .replace(/\/(issues|pull|discussions)\/(?=\d)/gi, (found) => `${found}\u2060`);
}

/** Half of a character, as an agent writes it or a cut leaves it; no forge takes it. */
export const halves = /\p{Surrogate}/gu;

/** Each line end is one that starts a quoted line anew: Markdown takes a lone carriage return for one, too. */
export const quote = (text: string): string =>
  text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

const readable = (text: string): string =>
  text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");

export const oneLine = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]+/g, " ").trim();

export const code = (text: string): string => `\`${oneLine(text).replaceAll("`", "'").replaceAll("|", "\\|")}\``;
export const cell = (text: string): string => oneLine(text).replaceAll("|", "\\|");
