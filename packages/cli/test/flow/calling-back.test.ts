// Whoever is to be told that a flow is over: a real server, and real commands.
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Flow } from "@agent-control-plane/core";
import { runCallback } from "@agent-control-plane/runners";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { createCallBack } from "../../src/flow/call-back.ts";
import { webhookSecret, webhookSecretFile } from "../../src/webhook/webhook-secret.ts";

const never = new AbortController().signal;
const which = { delivery: "f1-7", tries: 1 };

function aFlow(onDone: Flow["plan"]["onDone"]): { readonly flow: Flow; readonly home: string } {
  const home = temporaryFolder();
  const folder = join(home, "flows", "f1");
  mkdirSync(folder, { recursive: true });
  const plan = { onDone, cwd: home } as Flow["plan"];
  const over = { state: "failed", reason: "task-failed", finishedAt: 7, callback: null } as const;
  return { flow: { id: "f1", name: "release", folder, plan, ...over } as unknown as Flow, home };
}

async function aServer(answer: (response: ServerResponse) => void) {
  const requests: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      requests.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=abc` };
}

const answering = (status: number, headers = {}) => aServer((response) => response.writeHead(status, headers).end("x"));

describe("a webhook", () => {
  it("is told with a document that its secret signs, and the delivery it can know repeats by", async () => {
    const { url, requests } = await answering(204);
    const { flow, home } = aFlow({ kind: "webhook", url });
    const callBack = createCallBack({ home, env: {} });
    expect(await callBack(flow, which, never)).toEqual({ isOver: true, answer: "HTTP 204" });
    const { body, headers } = requests[0] ?? { body: "", headers: {} };
    const told = { delivery: "f1-7", flow: "f1", name: "release", state: "failed", reason: "task-failed" };
    expect(JSON.parse(body)).toEqual({ ...told, folder: flow.folder, at: "1970-01-01T00:00:00.007Z" });
    const key = readFileSync(webhookSecretFile(home), "utf8").trim();
    expect(statSync(webhookSecretFile(home)).mode & 0o777).toBe(0o600);
    expect(key.length).toBe(64);
    expect(headers["x-acp-signature-256"]).toBe(`sha256=${createHmac("sha256", key).update(body).digest("hex")}`);
    expect(headers["x-acp-delivery"]).toBe("f1-7");
    expect(webhookSecret(home)).toBe(key);
  });

  it("is not told by anything but 2xx, and a redirect leads nowhere", async () => {
    const elsewhere = await answering(200);
    for (const status of [302, 307, 404, 500]) {
      const { url } = await answering(status, { location: elsewhere.url });
      const { flow, home } = aFlow({ kind: "webhook", url });
      const words = status < 400 ? `HTTP ${status}, which is not followed` : `HTTP ${status}`;
      const told = await createCallBack({ home, env: {} })(flow, which, never);
      expect(told).toEqual({ isOver: false, answer: words });
    }
    expect(elsewhere.requests).toEqual([]);
  });

  it("that nobody answers is tried again, and what is said of it holds no address", async () => {
    const { flow, home } = aFlow({ kind: "webhook", url: "http://127.0.0.1:9/hook?token=abc" });
    const told = await createCallBack({ home, env: {} })(flow, which, never);
    expect(told).toEqual({ isOver: false, answer: expect.stringMatching(/^[A-Z_]+$|^Error$|^TypeError$/) });
    const hanging = await aServer(() => {});
    const leaving = new AbortController();
    const called = createCallBack({ home, env: {} })(
      aFlow({ kind: "webhook", url: hanging.url }).flow,
      which,
      leaving.signal,
    );
    while (hanging.requests.length === 0) await sleep(5);
    leaving.abort();
    expect(await called).toMatchObject({ isOver: false });
  });
});

describe("a command", () => {
  const order = (flow: Flow, more: object = {}) => ({
    ...{ flow, document: '{"delivery":"f1-7"}\n', delivery: "f1-7", leaving: never },
    ...{ command: flow.plan.onDone?.kind === "command" ? flow.plan.onDone.command : [] },
    host: { PATH: process.env.PATH, GITHUB_TOKEN: "secret", OTHER: "other" },
    ...more,
  });
  const command = (...list: readonly string[]) => aFlow({ kind: "command", command: list });

  it("is given the document and an environment of its own, and its exit code is noted", async () => {
    const { flow, home } = command("sh", "-c", "cat > said; cat $ACP_CALLBACK_FILE >> said; env > env; exit 3");
    expect(await runCallback(order(flow))).toEqual({ isOver: true, answer: "exit 3" });
    expect(readFileSync(join(home, "said"), "utf8")).toBe('{"delivery":"f1-7"}\n'.repeat(2));
    const env = readFileSync(join(home, "env"), "utf8");
    expect(env).toContain("ACP_DELIVERY=f1-7\n");
    expect(env).toContain("ACP_FLOW_STATE=failed\n");
    for (const name of ["GITHUB_TOKEN", "OTHER", "ACP_TASK_ID", "ACP_RESULT_FILE"]) expect(env).not.toContain(name);
  });

  it("outlives the runtime: whoever comes next waits for the same run, also when it is over already", async () => {
    const { flow, home } = command("sh", "-c", "echo run >> runs; until test -e go; do sleep 0.02; done");
    const leaving = new AbortController();
    const first = runCallback(order(flow, { leaving: leaving.signal }));
    while (!existsSync(join(home, "runs"))) await sleep(5);
    leaving.abort();
    expect(await first).toMatchObject({ isOver: false });
    const next = runCallback(order(flow));
    mkdirSync(join(home, "go"));
    expect(await next).toEqual({ isOver: true, answer: "exit 0" });
    expect(await runCallback(order(flow))).toEqual({ isOver: true, answer: "exit 0" });
    expect(readFileSync(join(home, "runs"), "utf8")).toBe("run\n");
    // Another end of the flow is another delivery.
    expect(await runCallback(order(flow, { delivery: "f1-8" }))).toEqual({ isOver: true, answer: "exit 0" });
    expect(readFileSync(join(home, "runs"), "utf8")).toBe("run\nrun\n");
  });

  it("is run again when nobody knows how it ended, and stopped when it takes too long", async () => {
    // The watching shell is the parent of the one that replaces itself by the command.
    const once = command("sh", "-c", "echo run >> runs; test -e once || { : > once; kill -9 $PPID; sleep 1000; }");
    expect(await runCallback(order(once.flow))).toEqual({ isOver: true, answer: "exit 0" });
    expect(readFileSync(join(once.home, "runs"), "utf8")).toBe("run\nrun\n");
    const { flow } = command("sleep", "1000");
    expect(await runCallback(order(flow, { limitMs: 50 }))).toEqual({
      isOver: true,
      answer: "stopped: it took too long",
    });
    expect(await runCallback(order(command("/no/such").flow))).toEqual({ isOver: true, answer: "exit 127" });
    const gone = command("true");
    const elsewhere = { ...gone.flow, plan: { ...gone.flow.plan, cwd: join(gone.home, "gone") } };
    expect(await runCallback(order(elsewhere))).toMatchObject({
      isOver: true,
      answer: expect.stringContaining("gone"),
    });
  });
});
