import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { describe, expect, it } from "vitest";
import { runHere } from "../support/in-process.ts";
import { treeOf } from "../support/tree.ts";

const minimal = (id: string, ...lines: readonly string[]) =>
  [`id: ${id}`, `repo: { slug: octo/${id} }`, 'execution: { shell: { command: "true" } }', ...lines, ""].join("\n");

function aHome() {
  const folder = realpathSync(temporaryFolder("acp-change-"));
  const home = join(folder, "home");
  const dir = (id: string) => join(home, "control-plane/profiles", id);
  const file = (id: string) => join(dir(id), "control-plane.yaml");
  const install = (id: string, text = minimal(id)) => {
    mkdirSync(dir(id), { recursive: true });
    writeFileSync(file(id), text);
  };
  /** A person's editor: a shell command that gets the file as `$1`. */
  const editor = (command: string) => {
    const script = join(folder, "editor.sh");
    writeFileSync(script, `#!/bin/sh\n${command}\n`);
    chmodSync(script, 0o755);
    return script;
  };
  const run = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    runHere(args, { env: { PATH: process.env.PATH, HOME: folder, AGENT_RUNTIME_HOME: home, ...env }, cwd: folder });
  return { folder, home, dir, file, install, editor, run };
}

describe("acp profile edit", () => {
  it("puts in place what the editor left, when it is valid", async () => {
    const { install, editor, run, file, dir } = aHome();
    install("web");
    const EDITOR = editor(`echo 'limits: { max_concurrent_workers: 3 }' >> "$1"`);
    expect(await run(["profile", "edit"], { EDITOR })).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(file("web"), "utf8")).toBe(minimal("web", "limits: { max_concurrent_workers: 3 }"));
    expect(Object.keys(treeOf(dir("web")))).toEqual(["control-plane.yaml"]);
  });

  it("replaces nothing with what is not valid, keeps the text, and goes on with it the next time", async () => {
    const { install, editor, run, file, dir } = aHome();
    install("web");
    const refused = await run(["profile", "edit"], { EDITOR: editor(`echo 'limts: {}' >> "$1"`) });
    const copy = join(dir("web"), "control-plane.yaml.edited");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`did you mean "limits"?`);
    expect(refused.stderr).toContain(`your text is kept in ${copy}`);
    expect(readFileSync(file("web"), "utf8")).toBe(minimal("web"));
    const again = await run(["profile", "edit"], { EDITOR: editor(`sed -i.b 's/limts/limits/' "$1"; rm -f "$1.b"`) });
    expect(again).toMatchObject({ code: 0, stderr: `Going on with ${copy}, which an earlier edit left.\n` });
    expect(readFileSync(file("web"), "utf8")).toBe(minimal("web", "limits: {}"));
    expect(existsSync(copy)).toBe(false);
  });

  it.each([
    ["an editor that fails", "exit 3", /did not end well \(exit code 3\)/],
    ["a change by somebody else meanwhile", `echo '# theirs' >> "$TARGET"; echo '# mine' >> "$1"`, /somebody else/],
    ["another id", `sed -i.b 's/^id: web/id: api/' "$1"`, /its folder says "web"/],
    ["a root of another profile", `echo 'runtime: { orchestrator_agent_root: /srv/api/x }' >> "$1"`, /folders in one/],
  ])("does not give in to %s", async (_what, command, message) => {
    const { install, editor, run, file } = aHome();
    install("web");
    install("api", minimal("api", "runtime: { orchestrator_agent_root: /srv/api }"));
    const EDITOR = editor(command);
    const refused = await run(["profile", "edit", "--profile-id", "web"], { EDITOR, TARGET: file("web") });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(message);
    expect(readFileSync(file("web"), "utf8").replace("# theirs\n", "")).toBe(minimal("web"));
  });
});

describe("acp profile export and import", () => {
  it("move a profile without its secrets, with its prompts and comments", async () => {
    const one = aHome();
    const token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    const key = "sk-live-abcdefghijklmnop0123456789";
    const yaml = `# chosen by Ann\n${minimal("web").replace("execution: {", `execution: { env: { set: { API_KEY: ${key}, LANG: C } },`)}`;
    one.install("web", yaml);
    writeFileSync(join(one.dir("web"), "secrets.env"), `GITHUB_TOKEN=${token}\n`, { mode: 0o600 });
    mkdirSync(join(one.dir("web"), "templates"));
    writeFileSync(join(one.dir("web"), "templates/issue.md"), "Work on {ISSUE_TITLE}\n");
    const file = join(one.folder, "web.yaml");
    const exported = await one.run(["profile", "export", "--output", file]);
    expect(exported).toMatchObject({ code: 0 });
    expect(exported.stderr).toBe(
      "Left behind: secrets.env, execution.env.set.API_KEY. The one who imports it gives secrets of their own.\n",
    );
    const text = readFileSync(file, "utf8");
    expect([token, key].filter((secret) => text.includes(secret))).toEqual([]);

    const two = aHome();
    const dry = await two.run(["profile", "import", file, "--dry-run"]);
    expect(dry).toMatchObject({ code: 0 });
    expect(existsSync(two.home)).toBe(false);
    expect(await two.run(["profile", "import", file, "--profile-id", "shop"])).toMatchObject({ code: 0 });
    expect(readFileSync(two.file("shop"), "utf8")).toMatch(/^# chosen by Ann\nid: shop\n/);
    expect(readFileSync(join(two.dir("shop"), "templates/issue.md"), "utf8")).toBe("Work on {ISSUE_TITLE}\n");
    expect(existsSync(join(two.dir("shop"), "secrets.env"))).toBe(false);
  });

  it("export writes nothing when a secret stands where it should not", async () => {
    const { install, dir, run, folder } = aHome();
    const token = "ghp_zyxwvutsrqponmlkjihgfedcba9876543210";
    install("web", `${minimal("web")}# ${token}\n`);
    writeFileSync(join(dir("web"), "secrets.env"), `GITHUB_TOKEN=${token}\n`, { mode: 0o600 });
    const refused = await run(["profile", "export", "--output", join(folder, "web.yaml")]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(existsSync(join(folder, "web.yaml"))).toBe(false);
  });

  it("import refuses one that is there, one that overlaps, one that is not valid, and a name with a way out", async () => {
    const { install, run, folder, home } = aHome();
    install("api", minimal("api", "runtime: { orchestrator_agent_root: /srv/api }"));
    const given = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const before = treeOf(home);
    const refusals = [
      [given("there.yaml", minimal("api")), 2, /installed at .* already/],
      [
        given("in.yaml", minimal("web", "runtime: { orchestrator_agent_root: /srv/api/web }")),
        2,
        /folders in one another/,
      ],
      [given("bad.yaml", minimal("web", "limts: {}")), 2, /bad\.yaml:4:1 limts/],
      [
        given("out.yaml", "acp_profile_export: 1\nid: web\nwithout: []\nfiles: { ../../x: y }\n"),
        2,
        /no file of a profile/,
      ],
      [given("id.yaml", minimal("../../../x")), 2, /id: .*lower-case letters/],
      [join(folder, "none.yaml"), 66, /cannot be read/],
    ] as const;
    const files = readdirSync(folder).sort();
    for (const [file, code, message] of refusals) {
      const refused = await run(["profile", "import", file]);
      expect({ code: refused.code, stdout: refused.stdout }, refused.stderr).toEqual({ code, stdout: "" });
      expect(refused.stderr).toMatch(message);
    }
    const out = await run(["profile", "import", join(folder, "there.yaml"), "--profile-id", "../../../x"]);
    expect(out).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/is not valid/) });
    expect(treeOf(home)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(files);
    expect((await run(["profile", "import", join(folder, "there.yaml"), "--force"])).code).toBe(0);
  });
});

describe("several profiles", () => {
  it("overlap by links, too", async () => {
    const { install, run, folder } = aHome();
    mkdirSync(join(folder, "real"));
    symlinkSync(join(folder, "real"), join(folder, "link"));
    install("web", minimal("web", `runtime: { orchestrator_agent_root: ${folder}/real/agents }`));
    install("api", minimal("api", `runtime: { worktree_root: ${folder}/link/agents/worktrees }`));
    const { code, stdout } = await run(["profile", "validate", "--json"]);
    expect(code).toBe(2);
    expect(JSON.parse(stdout).overlaps).toMatchObject([{ severity: "error", profileIds: ["api", "web"] }]);
    expect((await run(["profile-smoke", "--json"])).code).toBe(1);
  });

  it("have branches and sessions that no other can take for its own", async () => {
    const { agentBranchPrefix } = await import("@agent-control-plane/core");
    const prefixes = ["a", "a-issue", "a-issue-issue", "a--issue", "b"].map(agentBranchPrefix);
    const inOneAnother = prefixes.flatMap((one) => prefixes.filter((two) => one !== two && two.startsWith(one)));
    expect(inOneAnother).toEqual([]);
    expect(new Set(prefixes).size).toBe(prefixes.length);
  });
});

const pools =
  'execution: { pools: [{ name: a, coding_worker: shell }, { name: b, coding_worker: python }], shell: { command: "true" }, python: { script: w.py } }';

describe("acp profile-smoke", () => {
  it.each([
    ["pools, in an environment of nothing", pools],
    ["another worker in the environment", minimal("web").split("\n")[2]],
  ])("checks a profile with %s by its file alone", async (_what, execution = "") => {
    const { install, run, dir } = aHome();
    install("web", `id: web\nrepo: { slug: octo/web }\n${execution}\n`);
    writeFileSync(join(dir("web"), "w.py"), "print()\n");
    const { code, stdout, stderr } = await run(["profile-smoke", "--json"], { ACP_CODING_WORKER: "no-such-worker" });
    expect(code, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, profiles: [{ id: "web", ok: true, problems: [] }] });
  });

  it.each(["claude", "codex", "opencode", "kilo", "gemini", "pi"])(
    "knows the worker %s, and says when its program is not there",
    async (worker) => {
      const { install, run } = aHome();
      install("web", `id: web\nrepo: { slug: octo/web }\nexecution: { coding_worker: ${worker} }\n`);
      const { code, stdout } = await run(["profile-smoke", "--json"], { PATH: "/usr/bin:/bin" });
      expect(code).toBe(1);
      const [{ problems }] = JSON.parse(stdout).profiles;
      expect(problems.join("\n")).toContain(`${worker}: `);
      expect((await run(["profile", "validate"])).code).toBe(0);
    },
  );
});

describe("acp profile-adopt", () => {
  it("takes a profile with pools, in an environment of nothing", async () => {
    const { install, run, home, dir } = aHome();
    install("web", `id: web\nrepo: { slug: octo/web }\n${pools}\n`);
    writeFileSync(join(dir("web"), "w.py"), "print()\n");
    const adopted = await run(["profile-adopt", "--skip-anchor-sync", "--json"], { ACP_CODING_WORKER: undefined });
    expect(adopted, adopted.stderr).toMatchObject({ code: 0 });
    expect(existsSync(join(home, "projects/web"))).toBe(true);
  });

  it("makes the folders with our mark once, and asks the forge nothing when told so", async () => {
    const { install, run, home } = aHome();
    install("web");
    const root = join(home, "projects/web");
    const ofTheReference = ["--skip-workspace-sync", "--allow-missing-repo", "--source-repo-root", "/src"];
    const first = await run(["profile-adopt", "--skip-anchor-sync", "--json", ...ofTheReference]);
    expect(first.stderr).toMatch(/^--source-repo-root: your checkout .*never changed/);
    expect(JSON.parse(first.stdout).folders).toEqual([{ path: root, state: "made" }]);
    const before = treeOf(home);
    const second = await run(["profile-adopt", "--skip-anchor-sync", "--json"]);
    expect(JSON.parse(second.stdout).folders).toEqual([{ path: root, state: "there" }]);
    expect(treeOf(home)).toEqual(before);
  });
});
