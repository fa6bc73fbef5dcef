import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { OutboxRow, Session } from "@agent-control-plane/core";
import { afterEach, expect, it } from "vitest";
import { bytesOf, filesBelow } from "../support/files-below.ts";
import { git, installProfile, makeProduct, type Product, until } from "../support/product.ts";
import { allCommandLines, procFile } from "./marked-processes.ts";
import { settingsOf } from "./settings.ts";

let product: Product | undefined;
afterEach(async () => product?.close());

const allowed = [
  ...["ACP_BRANCH", "ACP_ISSUE_NUMBER", "ACP_ISSUE_TITLE", "ACP_LANE", "ACP_PROMPT_FILE", "ACP_REPO_SLUG"],
  ...[
    "ACP_RESULT_FILE",
    "ACP_SESSION_ID",
    "CI",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_TERMINAL_PROMPT",
    "HOME",
    "LANG",
    "LOGNAME",
    "PASSED_ON",
  ],
  ...["PATH", "TERM", "TMPDIR", "USER"],
];

/** What `sh` itself puts into the environment of what it starts. */
const madeByShell = ["OLDPWD", "PWD", "SHLVL", "_"];

it.runIf(process.platform === "linux")(
  "a session sees the allowlist, and the token is nowhere but in its file",
  async () => {
    const inherited = `ghp_${randomBytes(18).toString("hex")}`;
    product = makeProduct({
      GITHUB_TOKEN: inherited,
      GH_TOKEN: inherited,
      ACP_GITHUB_TOKEN: inherited,
      SMUGGLED: `Bearer ${inherited}`,
      SSH_AUTH_SOCK: "/nowhere/agent.sock",
      GIT_ASKPASS: "/nowhere/askpass",
      GIT_CONFIG_PARAMETERS: "'core.fsmonitor=/nowhere/evil'",
      AWS_SECRET_ACCESS_KEY: "aws-secret",
      NODE_OPTIONS: "--title=evil",
      LD_PRELOAD: "",
      PASSED_ON: "yes",
    });
    const { json, acp, home, folder } = product;
    const gate = join(folder, "gate");
    await installProfile(product, {
      shellCommand: `env; echo work > work.txt; while [ ! -e "${gate}" ]; do sleep 0.1; done`,
      configure: { "execution.env.pass": ["PASSED_ON", "GITHUB_TOKEN", "SSH_AUTH_SOCK", "SMUGGLED"] },
    });
    const refused = await acp("runtime", "start");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/pass\[1\]: GITHUB_TOKEN would put/);
    expect(refused.stderr).toMatch(/pass\[2\]: SSH_AUTH_SOCK would put/);
    product.configure("web", { "execution.env.pass": ["PASSED_ON", "SMUGGLED"] });
    const profileFolder = join(home, "control-plane", "profiles", "web");
    const token = /GITHUB_TOKEN=(\S+)/.exec(readFileSync(join(profileFolder, "secrets.env"), "utf8"))?.[1] ?? "";
    expect(token.length).toBeGreaterThan(15);
    const spellings = [token, inherited].flatMap((secret) => [
      secret,
      Buffer.from(secret).toString("base64").replaceAll("=", ""),
      Buffer.from(`x-access-token:${secret}`).toString("base64").replaceAll("=", ""),
    ]);
    /** Every file of the runtime home: worktrees, anchor, run folders, logs, database, forge. */
    const filesHolding = () => filesBelow(home).filter((file) => leaksIn(bytesOf(file)).length > 0);
    const leaksIn = (text: string) => spellings.filter((spelling) => text.includes(spelling));

    const watching = new AbortController();
    const inCommandLines = watchCommandLines(leaksIn, watching.signal);
    await json("issue", "create", "--title", "Print your environment", "--label", "agent-ready");
    await json("runtime", "start");
    const session = await until("a session that printed", async () => {
      const { sessions } = await json<{ sessions: Session[] }>("sessions", "list");
      const running = sessions.find(({ kind, state }) => kind === "agent" && state === "running");
      return running && (await acp("sessions", "logs", running.id, "--raw")).stdout.includes("ACP_SESSION_ID=")
        ? running
        : null;
    });
    const wrapper = session.wrapper?.pid ?? 0;
    const wrapperNames = procFile(wrapper, "environ")
      .trim()
      .split(" ")
      .map((pair) => pair.split("=")[0] ?? "");
    expect(wrapperNames.filter((name) => !["HOME", "LANG", "PATH", "TMPDIR", "TZ"].includes(name))).toEqual([]);
    expect(procFile(wrapper, "environ")).toContain("PATH=");
    expect(filesHolding()).toEqual([join(profileFolder, "secrets.env")]);
    writeFileSync(gate, "");
    await until("the comment", async () => {
      const issue = await json<{ labels: string[]; comments: unknown[] }>("issue", "view", "1");
      return issue.comments.length > 0 && !issue.labels.includes("agent-running");
    });

    const printed = (await acp("sessions", "logs", session.id, "--raw")).stdout;
    const names = [...printed.matchAll(/^([A-Za-z_][A-Za-z0-9_]*)=/gm)].map((match) => match[1] ?? "");
    expect(names.filter((name) => !madeByShell.includes(name)).sort()).toEqual(allowed);
    expect(leaksIn(printed)).toEqual([]);

    watching.abort();
    const { looks, found } = await inCommandLines;
    expect(looks).toBeGreaterThan(20);
    expect(found).toEqual([]);

    const secret = (await acp("profile", "show", "--json")).stdout;
    const store = await product.store();
    const rows: readonly OutboxRow[] = await store.outbox.list({ limit: 1000 });
    const outputs = [
      secret,
      (await acp("events", "--json", "--last", "1000")).stdout,
      (await acp("outbox", "list", "--json")).stdout,
      (await acp("runtime", "status", "--json")).stdout,
      JSON.stringify(rows),
      JSON.stringify(await store.events.list({ afterSeq: 0 })),
    ];
    expect(rows.length).toBeGreaterThan(3);
    expect(outputs.flatMap(leaksIn)).toEqual([]);
    expect(filesHolding()).toEqual([join(profileFolder, "secrets.env")]);
    const files = filesBelow(home);
    expect(files.some((file) => file.endsWith("runtime.log"))).toBe(true);
    expect(files.some((file) => file.endsWith("spec.json"))).toBe(true);
    const anchor = String((await settingsOf(product))["runtime.agent_repo_root"]);
    expect(readdirSync(anchor)).toContain("config");
    expect(git(anchor, "config", "--list", "--file", join(anchor, "config"))).not.toMatch(/extraheader|credential/i);
  },
);

/** Looks at every command line again and again until it is told to stop. */
async function watchCommandLines(leaksIn: (text: string) => readonly string[], over: AbortSignal) {
  const found: string[] = [];
  let looks = 0;
  while (!over.aborted) {
    looks += 1;
    found.push(...allCommandLines().flatMap(({ cmdline }) => leaksIn(cmdline)));
    await new Promise((done) => setTimeout(done, 15));
  }
  return { looks, found };
}
