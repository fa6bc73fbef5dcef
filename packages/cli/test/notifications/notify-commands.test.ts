import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openStore, profileFile, storePath } from "@agent-control-plane/core";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { undocumented, unseen } from "../../../../test/docs/json-page.ts";
import { writeMessage } from "../../src/notifications/write-message.ts";
import { runHere } from "../support/in-process.ts";
import { aReceiver, deadItems } from "./a-channel.ts";

const page = readFileSync(new URL("../../../../docs/json-output.md", import.meta.url), "utf8");

function aHome(host: string, profile = "") {
  const home = temporaryFolder();
  const env = { AGENT_RUNTIME_HOME: home, HOME: home, PATH: process.env.PATH };
  writeFileSync(join(home, "host.yaml"), host);
  mkdirSync(join(profileFile(home, "web"), ".."), { recursive: true });
  const text = `id: web\nrepo: { slug: ann/web }\nexecution: { coding_worker: codex }\n${profile}`;
  writeFileSync(profileFile(home, "web"), text);
  const notify = async (...args: readonly string[]) => {
    const answered = await runHere(["notify", ...args, "--json"], { env });
    return { ...answered, said: answered.stdout === "" ? null : JSON.parse(answered.stdout) };
  };
  return { home, env, notify };
}

const tokenOf = (text: string) => text.includes("key-in-the-path");

it("a test goes to each channel from here and says what became of it; a dry run sends nothing", async () => {
  const { url, received } = await aReceiver();
  const { notify } = aHome(
    `notifications: { webhook: { url: "${url}" }, dashboard_url: "http://127.0.0.1:8765/" }\n`,
    'notifications: { command: { run: [sh, -c, "exit 4"] } }\n',
  );
  const dry = await notify("test", "--dry-run");
  expect([dry.code, received.length]).toEqual([0, 0]);
  expect(dry.said.channels).toMatchObject([
    { name: "host/webhook", ok: null, goesTo: new URL(url).origin },
    { name: "profile/web/command", profileId: "web", ok: null, goesTo: "sh" },
  ]);
  const real = await notify("test");
  expect([real.code, received.length, received[0]?.message.isTest]).toEqual([1, 1, true]);
  expect(real.said.channels).toMatchObject([
    { ok: true, answer: "HTTP 200" },
    { ok: false, answer: "exit 4" },
  ]);
  expect((await notify("test", "--channel", "host/webhook")).code).toBe(0);
  expect([undocumented(page, "acp notify test", real.said), unseen(page, "acp notify test", real.said)]).toEqual([
    [],
    [],
  ]);
  expect([dry.stdout, real.stdout].some(tokenOf)).toBe(false);
});

it("the list shows channels, what is wrong now, who was told and the last messages, and writes nothing", async () => {
  const { url } = await aReceiver();
  const { home, env, notify } = aHome(`notifications: { webhook: { url: "${url}" } }\n`);
  expect(await notify("list")).toMatchObject({ code: 0, said: { total: 0, troubles: [], messages: [] } });
  mkdirSync(join(home, "state"));
  const store = await openStore({ path: storePath(home) });
  await deadItems(store, home, 2);
  expect(await notify("list")).toMatchObject({
    code: 0,
    said: {
      total: 2,
      troubles: [
        { kind: "dead-letter", profileId: "web", subject: "issue:1", code: "dead-letter", toldTo: [] },
        { subject: "issue:2" },
      ],
    },
  });
  expect(await store.notifications.standing(5)).toEqual([]);
  const trouble = { key: "dead-letter:web:issue:1:dead-letter", kind: "dead-letter", code: "dead-letter" } as const;
  const about = {
    profileId: "web",
    subject: "issue:1",
    text: "t",
    act: "a",
    title: null,
    url: null,
    since: null,
    settleMs: 0,
  };
  await store.notifications.seen([{ ...trouble, ...about }], 1);
  await store.notifications.plan({
    ...{ channel: "host/webhook", profileId: null, kinds: ["dead-letter"], groupMs: 0, most: 1 },
    write: (news) => writeMessage({ delivery: "n1", now: 1, host: "h", dashboardUrl: null, ...news }),
  });
  const { said } = await notify("list");
  expect(said).toMatchObject({
    troubles: [{ subject: "issue:1", toldTo: ["host/webhook"] }, { toldTo: [] }],
    messages: [{ channel: "host/webhook", state: "pending", tries: 0, delivery: "n1" }],
  });
  expect([undocumented(page, "acp notify list", said), unseen(page, "acp notify list", said)]).toEqual([[], []]);
  const { stdout } = await runHere(["notify", "list"], { env });
  expect(stdout).toContain("told to host/webhook");
  expect(stdout).toContain("2 troubles");
  await store.close();
});

it("without a channel the list still shows what is wrong, and a test says how to set one up", async () => {
  const { notify } = aHome("");
  expect((await notify("list")).said.channels).toEqual([]);
  const { code, stderr } = await notify("test");
  expect(code).toBe(1);
  expect(stderr).toContain('set "notifications" in host.yaml');
  const wrong = await aHome("notifications: { desktop: true }\n").notify("test", "--channel", "host/pager");
  expect(wrong.stderr).toContain('No channel "host/pager". There are: host/desktop.');
});

it("a profile that is not valid is said to be, because it may name a channel", async () => {
  const { home, env, notify } = aHome("", "notifications: { desktop: perhaps }\n");
  const file = profileFile(home, "web");
  const list = await runHere(["notify", "list"], { env });
  expect([list.code, list.stderr]).toEqual([0, expect.stringContaining(`${file} is not valid`)]);
  expect((await notify("list")).said).toMatchObject({ channels: [], notRead: [file] });
  const test = await notify("test");
  expect([test.code, test.stderr]).toEqual([1, expect.stringContaining(`${file} is not valid`)]);
});
