import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { createLineReader } from "../session/read-lines.ts";

export type HttpAnswer =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly retryAfter: string | null;
      /** Of an answer that is no success; at most 64 KiB. */
      readonly body: string;
      /** The reader of the lines had enough and the stream was closed. */
      readonly wasCut: boolean;
    }
  | { readonly kind: "failed"; readonly how: "network" | "silent" | "stopped"; readonly message: string };

export interface HttpAsk {
  readonly url: string;
  readonly key: string | null;
  /** Sent as JSON by POST; a GET without it. */
  readonly body?: object;
  /** Longest time without a byte. */
  readonly silenceMs: number;
  readonly stop: AbortSignal;
  /** Each line of a success; `enough` closes the stream. */
  readonly onLine: (line: string) => "more" | "enough";
}

const maxLine = 4 * 1024 * 1024;
const maxErrorBody = 64 * 1024;

/**
 * One request, its answer line by line. By node:http and not by fetch: that one gives up by itself after five minutes
 * without headers, and a large model may take longer to be loaded. Never rejects.
 */
export function askForLines(ask: HttpAsk): Promise<HttpAnswer> {
  return new Promise((resolve) => {
    const url = new URL(ask.url);
    const body = ask.body === undefined ? null : Buffer.from(JSON.stringify(ask.body));
    const options: RequestOptions = { method: body ? "POST" : "GET", headers: headersOf(ask.key, body) };
    const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, options);
    let isOver = false;
    const finish = (answer: HttpAnswer) => {
      if (isOver) return;
      isOver = true;
      clearTimeout(silence);
      ask.stop.removeEventListener("abort", onStop);
      resolve(answer);
      request.destroy();
    };
    const onStop = () => finish({ kind: "failed", how: "stopped", message: "stopped" });
    const silence = setTimeout(() => finish(silent(ask.silenceMs)), ask.silenceMs);
    const onFault = (error: Error) => finish({ kind: "failed", how: "network", message: explain(error, url) });
    ask.stop.addEventListener("abort", onStop, { once: true });
    if (ask.stop.aborted) onStop();

    request.on("error", onFault);
    request.once("response", (response) => {
      response.on("error", onFault);
      readAnswer(response, ask, () => silence.refresh(), finish);
    });
    request.end(body ?? undefined);
  });
}

function readAnswer(
  response: IncomingMessage,
  ask: HttpAsk,
  sawByte: () => void,
  finish: (answer: HttpAnswer) => void,
): void {
  const status = response.statusCode ?? 0;
  const isGood = status >= 200 && status < 300;
  const retryAfter = response.headers["retry-after"] ?? null;
  const answered = (body: string, wasCut: boolean) => finish({ kind: "answered", status, retryAfter, body, wasCut });
  let error = "";
  const lines = createLineReader(maxLine, (line) => {
    if (ask.onLine(line) === "enough") answered("", true);
  });
  sawByte();
  response.on("data", (chunk: Buffer) => {
    sawByte();
    if (isGood) lines.push(chunk);
    else if (error.length < maxErrorBody) error += chunk.toString("utf8");
  });
  response.once("end", () => {
    if (isGood) lines.end();
    answered(error.slice(0, maxErrorBody), false);
  });
  response.once("close", () => {
    if (!response.complete) {
      finish({ kind: "failed", how: "network", message: "the connection was closed in mid-answer" });
    }
  });
}

function headersOf(key: string | null, body: Buffer | null): Record<string, string> {
  return {
    accept: "application/x-ndjson, application/json",
    ...(body ? { "content-type": "application/json", "content-length": String(body.length) } : {}),
    ...(key ? { authorization: `Bearer ${key}` } : {}),
  };
}

const silent = (ms: number): HttpAnswer => ({ kind: "failed", how: "silent", message: `${ms / 1000} s` });

function explain(error: Error, { host }: URL): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return `nothing listens at ${host} (connection refused)`;
  if (code === "ECONNRESET") return "the connection was reset";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return `the name of ${host} cannot be resolved`;
  return `${error.message || code || "the connection failed"}`;
}
