// People are told of what is not well: real servers, real programs, a real store.
import { createHmac } from "node:crypto";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NotificationMessage } from "@agent-control-plane/core";
import { processMark } from "@agent-control-plane/runners";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import { webhookSecretFile } from "../../src/webhook/webhook-secret.ts";
import { aNotifier, aReceiver, deadItems, deadLetters, hostRules } from "./a-channel.ts";

const minute = 60_000;
const webhook = (url: string, secret: string | null = null) => ({ webhook: { url, secret } });

/** A program at the front of the PATH that keeps its arguments, its standard input and its environment. */
function aProgram(name: string, more = "") {
  const folder = temporaryFolder("acp-program-");
  const file = join(folder, name);
  writeFileSync(
    file,
    `#!/bin/sh\ncat > ${folder}/input\nenv > ${folder}/env\nfor word in "$@"; do printf '%s\\n' "$word"; done > ${folder}/args\n${more}\n`,
  );
  chmodSync(file, 0o755);
  const said = (what: "input" | "env" | "args") => readFileSync(join(folder, what), "utf8");
  return { file, folder, path: `${folder}:${process.env.PATH}`, said };
}

function theOnly<T>(list: readonly T[]): T {
  const [one] = list;
  if (list.length !== 1 || one === undefined) throw new Error(`there are ${list.length} of them`);
  return one;
}

describe("a webhook", () => {
  it("is told of a thousand dead letters in one message, signed as callbacks of flows are", async () => {
    const { url, received } = await aReceiver();
    const { store, lookTwice, clock, notifier, home } = await aNotifier(webhook(url));
    await deadItems(store, home, 1000);
    await lookTwice();
    for (let look = 0; look < 40; look += 1) {
      clock.advance(minute);
      await notifier.look();
    }
    expect(received).toHaveLength(1);
    const { headers, body, message } = theOnly(received);
    expect(message).toMatchObject({ total: 1000, counts: { "dead-letter": 1000 }, isTest: false });
    expect(message.troubles).toHaveLength(20);
    expect(message.text.split("\n")).toHaveLength(9);
    expect(message.title).toBe("1000 troubles: dead-letter");
    const secret = readFileSync(webhookSecretFile(home), "utf8").trim();
    expect(headers["x-acp-signature-256"]).toBe(`sha256=${createHmac("sha256", secret).update(body).digest("hex")}`);
    expect(headers["x-acp-delivery"]).toBe(message.delivery);
  });

  it("is told of what is new once an interval, whatever the pace it comes at", async () => {
    const { url, received } = await aReceiver();
    const { store, clock, notifier } = await aNotifier({ ...webhook(url), groupMs: 10 * minute });
    for (let passed = 0; passed < 30; passed += 1) {
      await deadLetters(store, 3, 3 * passed);
      await notifier.look();
      clock.advance(minute);
    }
    expect(received.map(({ message }) => message.total)).toEqual([3, 30, 30]);
  });

  it("that is away is tried again with the same delivery, ever more seldom, and holds up no other channel", async () => {
    let status = 503;
    const away = await aReceiver(() => status);
    const page = aProgram("page");
    const rules = { ...webhook(away.url), command: { run: [page.file], pass: [], timeoutMs: 5_000 } };
    const { store, clock, notifier, lookTwice } = await aNotifier(rules);
    await deadLetters(store, 1);
    await lookTwice();
    expect([away.received.length, JSON.parse(page.said("input")).total]).toEqual([1, 1]);
    for (let look = 0; look < 300; look += 1) {
      clock.advance(10_000);
      await notifier.look();
    }
    expect(away.received.length).toBe(5);
    status = 204;
    clock.advance(60 * minute);
    await notifier.look();
    expect(new Set(away.received.map(({ message }) => message.delivery)).size).toBe(1);
    expect((await store.notifications.list()).map(({ channel, state, answer }) => [channel, state, answer])).toEqual([
      ["host/webhook", "sent", "HTTP 204"],
      ["host/command", "sent", "exit 0"],
    ]);
  });

  it("is signed with the secret that its file or variable holds, and gets nothing where that is not to be had", async () => {
    const { url, received } = await aReceiver();
    const file = join(temporaryFolder(), "secret");
    writeFileSync(file, "from-a-file\n", { mode: 0o644 });
    const { store, clock, notifier, lookTwice } = await aNotifier(webhook("env:HOOK", `file:${file}`), {
      env: { HOOK: url, PATH: process.env.PATH },
    });
    await deadLetters(store, 1);
    await lookTwice();
    expect(received).toEqual([]);
    expect(await store.notifications.list()).toMatchObject([
      { state: "pending", answer: `others may read ${file}: chmod 600 ${file}` },
    ]);
    chmodSync(file, 0o600);
    clock.advance(minute);
    await notifier.look();
    const { headers, body } = theOnly(received);
    const signature = createHmac("sha256", "from-a-file").update(body).digest("hex");
    expect(headers["x-acp-signature-256"]).toBe(`sha256=${signature}`);
  });

  it("that never answers keeps the notifier from ending for a moment only", async () => {
    const silent = await aReceiver(() => null);
    const { store, lookTwice, notifier, clock } = await aNotifier(webhook(silent.url));
    await deadLetters(store, 1);
    await notifier.look();
    clock.advance(31_000);
    notifier.run();
    while (clock.sleeping === 0) await new Promise((turn) => setImmediate(turn));
    clock.advance(5_000);
    while (silent.received.length === 0) await new Promise((turn) => setTimeout(turn, 5));
    const startedAt = performance.now();
    await notifier.stop();
    expect(performance.now() - startedAt).toBeLessThan(15_000);
    expect(await store.notifications.list()).toMatchObject([{ state: "pending", tries: 1 }]);
    expect(lookTwice).toBeDefined();
  });
});

describe("a command", () => {
  it("gets the message on its standard input and no more of the environment than it is to have", async () => {
    const { file, said } = aProgram("page");
    const env = { PATH: process.env.PATH, GITHUB_TOKEN: "ghp_secret", PAGER_KEY: "k", OTHER: "o", HOME: "/home/ann" };
    const run = {
      command: { run: [file, "--team", "$(id); `id`"], pass: ["PAGER_KEY", "GITHUB_TOKEN"], timeoutMs: 5_000 },
    };
    const { store, lookTwice } = await aNotifier(run, { env });
    await deadLetters(store, 2);
    await lookTwice();
    const message = JSON.parse(said("input")) as NotificationMessage;
    expect(message).toMatchObject({ total: 2, troubles: [{ code: "dead-task", act: "acp tasks replay 1" }, {}] });
    expect(said("args")).toBe("--team\n$(id); `id`\n");
    expect(said("env")).toContain(`ACP_DELIVERY=${message.delivery}\n`);
    expect(said("env")).toContain("PAGER_KEY=k\n");
    for (const name of ["GITHUB_TOKEN", "OTHER", "ghp_secret"]) expect(said("env")).not.toContain(name);
  });

  it("that hangs is ended with all that it started, and counts as a try that failed", async () => {
    const folder = temporaryFolder();
    const script = `sleep 300 & echo $! > ${folder}/child; echo no line >&2; sleep 300`;
    const rules = { command: { run: ["sh", "-c", script], pass: [], timeoutMs: 400 } };
    const { store, lookTwice } = await aNotifier(rules);
    await deadLetters(store, 1);
    await lookTwice();
    expect(await store.notifications.list()).toMatchObject([
      { state: "pending", tries: 1, answer: "stopped: it took longer than 0.4 s: no line" },
    ]);
    const pid = Number(readFileSync(join(folder, "child"), "utf8"));
    expect(processMark(pid)).toBeNull();
  });

  it.each([
    ["is not there", ["/nowhere/page"], /^not started: /],
    ["fails", ["sh", "-c", "echo 'no such team' >&2; exit 3"], /^exit 3: no such team$/],
  ])("that %s is tried again, and everything else goes on", async (_, run, answer) => {
    const { store, lookTwice, errors } = await aNotifier({ command: { run, pass: [], timeoutMs: 5_000 } });
    await deadLetters(store, 1);
    await lookTwice();
    expect(await store.notifications.list()).toMatchObject([
      { state: "pending", answer: expect.stringMatching(answer) },
    ]);
    expect(errors).toEqual([]);
  });
});

describe("the desktop", () => {
  it("shows what came from outside as words, and not as marks, options or parts of a script", async () => {
    const { path, said } = aProgram("notify-send");
    const env = { PATH: path, DBUS_SESSION_BUS_ADDRESS: "unix:path=/run/bus", SECRET: "s" };
    const { store, lookTwice } = await aNotifier({ desktop: true }, { env, platform: "linux" });
    await store.cooldowns.set({ scope: "x", until: 1, reason: "r" }, "t");
    const { task } = await store.tasks.enqueue({ queue: "--<b>q</b>\u202e\u001b[2J", subject: "", lane: "job" }, "t");
    const claim = await store.tasks.claim({ queues: [], taskId: task.id, owner: "t", leaseMs: 60_000 });
    if (!claim) throw new Error("not claimed");
    await store.tasks.release(claim.lease, { kind: "dead", reason: "<img src=x>\n$(id)" }, { actor: "t" });
    await lookTwice();
    const [app, dashes, title, body] = said("args").split("\n");
    expect([app, dashes, title]).toEqual(["--app-name=agent-control-plane", "--", "1 trouble: dead-letter"]);
    expect(body).toContain("--&lt;b&gt;q&lt;/b&gt;\\u202e\\u001b[2J");
    expect(body).toContain("&lt;img src=x&gt; $(id)");
    expect(said("env")).toContain("DBUS_SESSION_BUS_ADDRESS=unix:path=/run/bus");
    expect(said("env")).not.toContain("SECRET");
  });
});

describe("who is told what, and when", () => {
  it("follows quiet hours, exceptions, mutes and profiles; what waited is one message in the morning", async () => {
    const host = await aReceiver();
    const own = await aReceiver();
    let kinds: { readonly mute: readonly "quota"[] } = { mute: [] };
    const quietHours = { fromMinute: 0, toMinute: 1439, timeZone: "UTC", except: ["flow-asks"] } as const;
    const { store, clock, notifier, home } = await aNotifier(
      {},
      {
        told: () => ({
          host: hostRules({ ...webhook(host.url), quietHours, ...kinds }),
          profiles: [{ id: "web", notifications: hostRules(webhook(own.url)) }],
        }),
      },
    );
    expect(existsSync(home)).toBe(true);
    await deadLetters(store, 2);
    for (let look = 0; look < 30; look += 1) {
      await notifier.look();
      clock.advance(minute);
    }
    expect([host.received, own.received]).toEqual([[], []]);
    kinds = { mute: ["quota"] };
    // The one minute of the day that is not quiet.
    clock.advance(86_400_000 - (clock.now() % 86_400_000) - minute);
    await notifier.look();
    expect(host.received.map(({ message }) => message.counts)).toEqual([{ "dead-letter": 2 }]);
    expect(own.received).toEqual([]);
  });

  it("links to the dashboard, where the host says that people open it", async () => {
    const { url, received } = await aReceiver();
    const { store, lookTwice } = await aNotifier({ ...webhook(url), dashboardUrl: "http://acp.local:8765" });
    await deadLetters(store, 1);
    await lookTwice();
    expect(received[0]?.message.troubles[0]).toMatchObject({ link: "http://acp.local:8765/#/", subject: "task:1" });
  });

  it("is nobody where no channel is: nothing is looked at, and nothing written", async () => {
    const said: string[] = [];
    const { open, options, clock } = await aNotifier({});
    const watched = await open({ clock, onStatement: (sql) => said.push(sql) });
    const { Notifier } = await import("../../src/notifications/notifier.ts");
    const quiet = new Notifier({ ...options, store: watched });
    await quiet.look();
    expect(said).toEqual([]);
  });

  it("costs one number of the store for the look, and two for each channel, while nothing happens", async () => {
    const { url } = await aReceiver();
    const said: string[] = [];
    const { open, options, clock, store } = await aNotifier(webhook(url));
    await deadLetters(store, 3);
    const watched = await open({ clock, onStatement: (sql) => said.push(sql) });
    const { Notifier } = await import("../../src/notifications/notifier.ts");
    const notifier = new Notifier({ ...options, store: watched });
    await notifier.look();
    clock.advance(31_000);
    await notifier.look();
    await notifier.look();
    said.length = 0;
    await notifier.look();
    expect(said).toHaveLength(3);
    expect(said).not.toContain("begin immediate");
  });
});
