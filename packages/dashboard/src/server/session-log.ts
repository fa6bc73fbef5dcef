import type { Context } from "hono";
import { failed, notStored } from "./answers.ts";
import { byteRange } from "./byte-range.ts";
import type { Details } from "./details.ts";

/** So much of a log's end is answered when no range is asked for. */
const usualBytes = 256 * 1024;

/** `/api/v1/sessions/:id/log?of=events|output`: plain text, whatever is in it; the end of it, or the range that is asked for. */
export async function sendSessionLog(c: Context, details: Details): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const of = c.req.query("of") ?? "events";
  if (of !== "events" && of !== "output") return failed(c, 400, "bad-query", `"of" is events or output, not ${of}.`);
  const range = byteRange(c.req.header("range"));
  if (range === null) return failed(c, 416, "bad-range", "The range makes no sense.");
  const slice = await details.sessionLog(id, of, range === "all" ? { start: -usualBytes, length: usualBytes } : range);
  if (slice === null)
    return failed(c, 404, "no-log", `Session ${id} is not known here, or has no log of its ${of} yet.`);
  const { size, start, bytes } = slice;
  const headers = { ...notStored, "accept-ranges": "bytes", "content-type": "text/plain; charset=utf-8" };
  if (range !== "all" && start >= size && size > 0) {
    c.header("content-range", `bytes */${size}`);
    return failed(c, 416, "bad-range", `The log has ${size} bytes.`);
  }
  if (size === 0) return c.body("", 200, headers); // there is no range of nothing that could be named
  const part = { ...headers, "content-range": `bytes ${start}-${start + bytes.length - 1}/${size}` };
  const isWhole = start === 0 && bytes.length === size;
  return c.body(
    new Uint8Array(bytes),
    isWhole && range === "all" ? 200 : 206,
    isWhole && range === "all" ? headers : part,
  );
}
