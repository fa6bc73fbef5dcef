import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoopEnd, runAgentLoop } from "./agent-loop.ts";
import { createModelConversation } from "./ask-model.ts";
import { askServer, type ModelFacts, modelFacts, type ServerAddress } from "./ask-server.ts";
import { outputBound } from "./bound-output.ts";
import type { ChatMessage } from "./chat.ts";
import { checkServer } from "./check-server.ts";
import { loadConversation, saveConversation } from "./conversation-file.ts";
import type { LoopEvent } from "./loop-event.ts";
import { type ProgramOptions, readOptions, usage } from "./program-options.ts";
import { runTool } from "./run-tool.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The program of the ollama backend: our own agent over `/api/chat`, since Ollama has none. The prompt comes on standard
 * input, the events go to standard output. Answers the exit code: 0 finished, 1 failed, 64 wrong use, 143 stopped.
 */
export async function runOllamaAgent(args: readonly string[], env: Env): Promise<number> {
  const options = readOptions(args);
  if (typeof options === "string") {
    process.stderr.write(`ollama-agent: ${options}\n\n${usage}`);
    return 64;
  }
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const key = options.apiKeyEnv === null ? null : (env[options.apiKeyEnv] ?? null);
  const server: ServerAddress = { baseUrl: options.baseUrl, key, stop: stop.signal };
  if (options.check) return printCheck(await checkServer(server, options.model));
  return exitCodeOf(await work({ options, server, env }));
}

function printCheck({ ok, text }: { readonly ok: boolean; readonly text: string }): number {
  (ok ? process.stdout : process.stderr).write(`${text}\n`);
  return ok ? 0 : 1;
}

async function work(about: {
  readonly options: ProgramOptions;
  readonly server: ServerAddress;
  readonly env: Env;
}): Promise<LoopEnd> {
  const { options, server, env } = about;
  const { resume, stateDir, model } = options;
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const before = resume === null ? [] : loadConversation(stateDir, resume);
  if (before === null) return refused(resume ?? "");
  const id = resume ?? randomUUID();
  emit({ kind: "started", session: id, model });
  const facts = await factsOf(server, model);
  const words = createWordReport();
  const worktree = process.cwd();
  const asking = { options, server, facts, worktree, onWords: words.take, onTrouble: warn, pause: pauseOf(server) };
  const conversation = createModelConversation(asking);
  const place = {
    worktree,
    env: withoutKey(env, options.apiKeyEnv),
    commandTimeoutMs: options.commandTimeoutMs,
    bound: outputBound(conversation.numCtx),
    stop: server.stop,
  };
  const end = await runAgentLoop({
    model: conversation,
    maxTurns: options.maxTurns,
    messages: [...before, task()],
    runTool: (call) => runTool(place, call),
    emit: (event) => {
      words.forget();
      emit(event);
    },
    save: (messages) => saveConversation(stateDir, id, messages),
    isStopped: () => server.stop.aborted,
    nowMs: () => performance.now(),
  });
  emitEnd(end);
  return end;
}

const task = (): ChatMessage => ({ role: "user", content: readFileSync(0, "utf8").trim() });

/** Before anything is asked: as a failure of the conversation, and not of the model. */
function refused(id: string): LoopEnd {
  const text = `the conversation ${id.slice(0, 80)} is not known`;
  const end: LoopEnd = { kind: "failed", reason: "resume-refused", text, retry: null };
  emitEnd(end);
  return end;
}

/** What the server does not say, or not in time, is asked of the model itself. */
async function factsOf(server: ServerAddress, model: string): Promise<ModelFacts> {
  const { answer, fields } = await askServer(server, "/api/show", { model });
  return answer.kind === "answered" && answer.status === 200 ? modelFacts(fields) : { hasTools: null, numCtx: null };
}

/** The commands of the model have no use for the key to it. */
function withoutKey(env: Env, name: string | null): Env {
  return Object.fromEntries(Object.entries(env).filter(([each]) => each !== name));
}

const pauseOf = (server: ServerAddress) => (ms: number) =>
  sleep(ms, undefined, { signal: server.stop }).catch(() => {});

const reportEveryMs = 20_000;

/** While a slow model writes: a part of its words now and then, so that it is seen to live. */
function createWordReport(): { take(text: string): void; forget(): void } {
  let since = performance.now();
  let text = "";
  return {
    take: (more) => {
      text = (text + more).slice(-500);
      if (performance.now() - since < reportEveryMs) return;
      emit({ kind: "message", text: `[writing] ...${text}` });
      since = performance.now();
      text = "";
    },
    forget: () => {
      since = performance.now();
      text = "";
    },
  };
}

function emitEnd(end: LoopEnd): void {
  if (end.kind === "finished") emit({ kind: "result", ok: true, text: end.text });
  if (end.kind !== "failed") return;
  const { reason, text, retry } = end;
  emit({
    ...{ kind: "result", ok: false, text, reason },
    ...(retry?.retryAfterSeconds == null ? {} : { retry_after_seconds: retry.retryAfterSeconds }),
    ...(retry?.retryAt == null ? {} : { retry_at: retry.retryAt }),
  });
}

const warn = (message: string): void => emit({ kind: "error", message, transient: true });

/** Texts are cut here: one line stays below what a reader of lines takes whole. */
function emit(event: LoopEvent): void {
  const line = JSON.stringify(event, (_, value) =>
    typeof value === "string" && value.length > 8_000 ? `${value.slice(0, 8_000)} [cut]` : value,
  );
  process.stdout.write(`${line}\n`);
}

const exitCodeOf = (end: LoopEnd): number => (end.kind === "finished" ? 0 : end.kind === "stopped" ? 143 : 1);
