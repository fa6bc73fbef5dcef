import { StringDecoder } from "node:string_decoder";

/**
 * Cuts a stream of bytes into lines. A line longer than `maxLength` is handed on up to there and its rest dropped, so
 * memory stays bounded whatever a program prints.
 */
export function createLineReader(
  maxLength: number,
  onLine: (line: string) => void,
): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let parts: string[] = [];
  let length = 0;

  function keep(text: string): void {
    if (length >= maxLength || text === "") return;
    parts.push(text.slice(0, maxLength - length));
    length += text.length;
  }
  function finish(): void {
    const line = parts.join("");
    parts = [];
    length = 0;
    onLine(line.endsWith("\r") ? line.slice(0, -1) : line);
  }
  function take(text: string): void {
    let from = 0;
    for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", from)) {
      keep(text.slice(from, at));
      finish();
      from = at + 1;
    }
    keep(text.slice(from));
  }
  return {
    push: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (length > 0) finish();
    },
  };
}
