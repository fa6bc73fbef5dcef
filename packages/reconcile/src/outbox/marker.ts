/**
 * The hidden mark by which a write of ours is known again: `<!-- acp:key=<idempotency key> -->`, in the body of what
 * we write. Text from others goes through `neutralised` first, so a marker in something we wrote is always ours.
 */
export function marker(idempotencyKey: string): string {
  return `<!-- acp:key=${encodeURIComponent(idempotencyKey)} -->`;
}

export function carriesMarker(body: string, idempotencyKey: string): boolean {
  return body.includes(marker(idempotencyKey));
}

/** For people: a text of the forge without the marks, which a page of the forge does not show either. */
export function withoutMarkers(body: string): string {
  return body.replace(/(?:\n\n)?<!-- acp:key=[^\s<>]* -->/g, "");
}

/** The text that is sent: without markers of others, within the forge's limit, with ours at its end. */
export function marked(text: string, idempotencyKey: string): string {
  return `${capped(neutralised(text), bodyLimit)}\n\n${marker(idempotencyKey)}`;
}

/**
 * Makes any start of a marker visible text. It is replaced and not cut out: cutting could join what stands around it
 * into a new one.
 */
export function neutralised(text: string): string {
  return text.replace(/<!--(?=\s*acp:)/gi, "&lt;!--");
}

/** GitHub takes 65,536 characters in a body; the rest is left for the note and the marker. */
export const bodyLimit = 60_000;

export function capped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const note = `\n\n_Shortened: ${text.length - limit} of ${text.length} characters left out._`;
  return wholeCharacters(text.slice(0, limit)) + note;
}

/** A title is one line; 256 characters is what GitHub takes. */
export function titleLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 250 ? line : `${wholeCharacters(line.slice(0, 249))}…`;
}

// A cut between the halves of a surrogate pair would leave half a character, which does not survive UTF-8.
function wholeCharacters(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}
