import type { ServerResponse } from "node:http";
import type { Api, Reply, ResetTime } from "./apis/api.ts";
import type { Asked } from "./asked.ts";
import type { Turn } from "./script.ts";
import { chooseCalls } from "./tools/choose-tool.ts";

export interface Answering {
  readonly api: Api;
  readonly asked: Asked;
  readonly reset: ResetTime;
  readonly chatterEveryMs: number;
  readonly response: ServerResponse;
}

/** Plays one turn on the wire. The status it answered with, or that there was no answer. */
export function answerTurn(turn: Turn, answering: Answering): number | "never answered" {
  const { api, asked, reset, response } = answering;
  switch (turn.kind) {
    case "reply":
      return sendReply(replyOf(turn, asked), answering);
    case "fault": {
      const { status, headers, body, frames } = api.fault(turn.fault, asked, reset);
      return asked.streams && frames ? sendFrames(response, api, frames) : sendJson(response, status, body, headers);
    }
    case "malformed":
      return sendFrames(response, api, api.garbage);
    case "silence":
      return "never answered";
    case "reset":
      return beginAndReset(answering);
    case "chatter":
      return chatterOn(answering);
  }
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): number {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
  return status;
}

/** A model that is offered nothing it knows says so: a test then shows which tools there were. */
function replyOf({ text, wishes }: Turn & { readonly kind: "reply" }, asked: Asked): Reply {
  const calls = chooseCalls(asked.tools, wishes, asked.toolResults.length);
  if (wishes.length === 0 || calls.length > 0) return { text, calls };
  return { text: `I know none of these tools: ${asked.tools.map(({ name }) => name).join(", ")}.`, calls };
}

function sendReply(reply: Reply, { api, asked, response }: Answering): number {
  if (!asked.streams) return sendJson(response, 200, api.whole(asked, reply));
  return sendFrames(response, api, api.stream(asked, reply));
}

function sendFrames(response: ServerResponse, api: Api, frames: readonly string[]): number {
  response.writeHead(200, { "content-type": api.streamType });
  for (const frame of frames) response.write(frame);
  response.end();
  return 200;
}

function begin({ api, asked, response }: Answering): void {
  response.writeHead(200, { "content-type": api.streamType });
  for (const frame of api.begin(asked)) response.write(frame);
}

function beginAndReset(answering: Answering): number {
  const { api, asked, response } = answering;
  begin(answering);
  // Once the piece is on its way, so that it is the middle of an answer that is cut.
  response.write(api.piece(asked, "I begin with "), () => response.socket?.resetAndDestroy());
  return 200;
}

function chatterOn(answering: Answering): number {
  const { api, asked, response, chatterEveryMs } = answering;
  begin(answering);
  const timer = setInterval(() => response.write(api.piece(asked, "and then, ")), chatterEveryMs);
  response.once("close", () => clearInterval(timer));
  return 200;
}
