// What we tell systemd and launchd, by programs that play them and write down each call.
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { undocumented } from "../../../../test/docs/json-page.ts";
import { parseLaunchAgent } from "../../src/services/launch-agent.ts";
import { treeOf } from "../support/tree.ts";
import { aMachine } from "./a-machine.ts";

const unit = "agent-control-plane-web.service";
const page = readFileSync(new URL("../../../../docs/json-output.md", import.meta.url), "utf8");

describe("under systemd", () => {
  it("writes the unit, has it read, enables and starts it, and says what ends it at logout", async () => {
    const machine = aMachine();
    const ran = await machine.acp("service", "install", "--profile-id", "web", "--json");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.json()).toMatchObject({
      status: "installed",
      service: { running: true, enabled: true, lingers: false },
    });
    expect(undocumented(page, "acp service install", ran.json())).toEqual([]);
    expect(machine.calls()).toEqual([
      ...["systemctl --user daemon-reload", `systemctl --user enable ${unit}`, `systemctl --user start ${unit}`],
    ]);
    expect(readFileSync(machine.unit, "utf8")).toContain(`"${machine.cli}" "runtime" "run" "--profile-id" "web"`);
    expect(ran.json().service.problems).toMatchObject([{ command: "loginctl enable-linger" }]);
  });

  it("touches nothing when it is repeated, and writes it anew when it changed", async () => {
    const machine = aMachine();
    await machine.acp("service", "install", "--profile-id", "web");
    const { mtimeNs } = statSync(machine.unit, { bigint: true });
    machine.calls();
    expect((await machine.acp("service", "install", "--profile-id", "web")).stdout).toContain("unchanged");
    expect(machine.calls()).toEqual([]);
    expect(statSync(machine.unit, { bigint: true }).mtimeNs).toBe(mtimeNs);

    writeFileSync(machine.unit, readFileSync(machine.unit, "utf8").replace("WatchdogSec=300", "WatchdogSec=1"));
    expect((await machine.acp("service", "install", "--profile-id", "web")).stdout).toContain("updated");
    expect(machine.calls()).toContain("systemctl --user daemon-reload");
    expect(readFileSync(machine.unit, "utf8")).toContain("WatchdogSec=300");
  });

  it("with --dry-run says what it would write and run, and does neither", async () => {
    const machine = aMachine();
    const ran = await machine.acp("service", "install", "--profile-id", "web", "--dry-run");
    expect(ran.stdout).toContain("Type=notify");
    expect(ran.stdout).toContain(`  systemctl --user start ${unit}`);
    expect(machine.calls()).toEqual([]);
    expect(existsSync(machine.unit)).toBe(false);
  });

  it("refuses before it changes anything: no version, no profile, no systemd, somebody else's unit", async () => {
    const machine = aMachine();
    const install = async () => {
      const { code, stderr } = await machine.acp("service", "install", "--profile-id", "web");
      return `${code} ${stderr}`;
    };
    machine.write(machine.unit, "[Service]\nExecStart=/bin/true\n");
    expect(await install()).toMatch(/^1 .*"acp service install" did not write/);
    expect((await machine.acp("service", "uninstall", "--profile-id", "web")).code).toBe(1);
    expect(readFileSync(machine.unit, "utf8")).toBe("[Service]\nExecStart=/bin/true\n");
    machine.becomes("away");
    expect(await install()).toMatch(/^1 .*systemd of your user does not answer.*loginctl enable-linger/);
    expect((await machine.acp("service", "install", "--profile-id", "none")).code).toBe(66);
    machine.env.WSL_DISTRO_NAME = "Debian";
    expect(await install()).toContain("wsl.conf");
    machine.env.AGENT_RUNTIME_HOME = join(machine.home, "elsewhere");
    machine.write(
      join(machine.home, "elsewhere/control-plane/profiles/web/control-plane.yaml"),
      "id: web\nrepo:\n  slug: octo/web\nexecution:\n  shell:\n    command: make fix\n",
    );
    expect(await install()).toMatch(/^1 .*acp sync/);
    expect(machine.calls()).toEqual([]);
  });

  it("exits with 1 and says why when the service does not come up", async () => {
    const machine = aMachine();
    machine.becomes("fails");
    const ran = await machine.acp("service", "install", "--profile-id", "web");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("no token; ended by exit-code, status 1");
    const status = await machine.acp("service", "status", "--json");
    expect(status.code).toBe(1);
    expect(status.json().services).toMatchObject([{ state: "waiting", installed: true, running: false }]);
    expect(undocumented(page, "acp service status", status.json())).toEqual([]);
  });

  it("status is well when all runs, with a word on what ends at logout, and writes nothing", async () => {
    const machine = aMachine();
    expect((await machine.acp("service", "status")).stdout).toContain("no service is installed");
    await machine.acp("service", "install", "--profile-id", "web");
    const before = treeOf(machine.env.HOME ?? "");
    const status = await machine.acp("service", "status");
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/running +agent-control-plane-web\.service[\s\S]*loginctl enable-linger/);
    expect(treeOf(machine.env.HOME ?? "")).toEqual(before);
  });

  it("runtime start goes by the service, and fails with its reason when that does not come up", async () => {
    const machine = aMachine();
    await machine.acp("service", "install", "--profile-id", "web");
    machine.calls();
    machine.becomes("fails");
    const ran = await machine.acp("runtime", "start", "--profile-id", "web");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("agent-control-plane-web.service did not start: no token");
    expect(machine.calls()).toEqual([`systemctl --user start ${unit}`]);
  });

  it("runtime stop ends a service that would start a daemon again, although none runs now", async () => {
    const machine = aMachine();
    await machine.acp("service", "install", "--profile-id", "web");
    machine.calls();
    machine.becomes("fails");
    const ran = await machine.acp("runtime", "stop", "--profile-id", "web", "--json");
    expect(ran.json()).toMatchObject({ status: "stopped", daemons: [], services: [unit] });
    expect(machine.calls()).toEqual([`systemctl --user stop ${unit}`]);
  });

  it("stops, disables and removes its unit, also when the profile is gone, and says so when there is none", async () => {
    const machine = aMachine();
    await machine.acp("service", "install", "--profile-id", "web");
    machine.calls();
    const dry = await machine.acp("service", "uninstall", "--profile-id", "web", "--dry-run", "--json");
    expect(undocumented(page, "acp service uninstall", dry.json())).toEqual([]);
    expect([machine.calls(), existsSync(machine.unit)]).toEqual([[], true]);
    machine.write(join(machine.home, "control-plane/profiles/web/control-plane.yaml"), "not: valid\n");
    expect((await machine.acp("service", "uninstall", "--profile-id", "web")).code).toBe(0);
    expect(machine.calls()).toEqual([
      ...[`systemctl --user stop ${unit}`, `systemctl --user stop ${unit}`, `systemctl --user disable ${unit}`],
      "systemctl --user daemon-reload",
    ]);
    expect([existsSync(machine.unit), machine.has("active"), machine.has("enabled")]).toEqual([false, false, false]);
    expect((await machine.acp("service", "uninstall", "--profile-id", "web")).stdout).toContain("not installed");
  });

  it("goes with its profile, whose removal lists its file", async () => {
    const machine = aMachine();
    await machine.acp("service", "install", "--profile-id", "web");
    machine.calls();
    const dry = await machine.acp("profile", "remove", "--profile-id", "web", "--dry-run", "--json");
    expect(dry.json().removes).toContain(machine.unit);
    expect(existsSync(machine.unit)).toBe(true);
    expect(await machine.acp("profile", "remove", "--profile-id", "web", "--yes")).toMatchObject({ code: 0 });
    expect(machine.calls()).toContain(`systemctl --user disable ${unit}`);
    expect(existsSync(machine.unit)).toBe(false);
  });

  it("installs no second service for what one serves already", async () => {
    const machine = aMachine();
    await machine.acp("service", "install", "--all");
    const ran = await machine.acp("service", "install", "--profile-id", "web");
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("acp service uninstall --keep-sessions --all");
  });

  it("has no secret in the unit, and says which variables of this shell a service does not have", async () => {
    const machine = aMachine();
    Object.assign(machine.env, { GITHUB_TOKEN: "ghp_notInTheUnit", ANTHROPIC_API_KEY: "sk-notInTheUnit" });
    const profile =
      "id: web\nrepo:\n  slug: octo/web\nexecution:\n  shell:\n    command: make fix\n  env:\n    pass: [ANTHROPIC_API_KEY]\n";
    machine.write(join(machine.home, "control-plane/profiles/web/control-plane.yaml"), profile);
    const ran = await machine.acp("service", "install", "--profile-id", "web");
    expect(ran.stderr).toMatch(/GITHUB_TOKEN of your shell.*secrets\.env[\s\S]*ANTHROPIC_API_KEY/);
    expect(readFileSync(machine.unit, "utf8")).not.toContain("notInTheUnit");
  });
});

describe("under launchd", () => {
  const target = `gui/${userInfo().uid}/ai.agent-control-plane.profile.web`;

  it("writes the agent, bootstraps it, and boots it out before it loads a changed one", async () => {
    const machine = aMachine("darwin");
    const bootstrap = `launchctl bootstrap gui/${userInfo().uid} ${machine.agent}`;
    const ran = await machine.acp("launchd-install", "--profile-id", "web", "--json");
    expect(ran.json()).toMatchObject({ status: "installed", service: { running: true, pid: 4242 } });
    expect(machine.calls()).toEqual([`launchctl enable ${target}`, bootstrap, `launchctl kickstart ${target}`]);
    expect(parseLaunchAgent(readFileSync(machine.agent, "utf8"))?.ProgramArguments[1]).toBe(machine.cli);

    expect((await machine.acp("service", "install", "--profile-id", "web")).stdout).toContain("unchanged");
    expect(machine.calls()).toEqual([]);
    const changed = readFileSync(machine.agent, "utf8").replace("<integer>30<", "<integer>40<");
    writeFileSync(machine.agent, changed);
    await machine.acp("service", "install", "--profile-id", "web");
    expect(machine.calls()).toEqual([
      ...[`launchctl enable ${target}`, `launchctl bootout ${target}`, bootstrap, `launchctl kickstart ${target}`],
    ]);
  });

  it("boots it out and removes its file", async () => {
    const machine = aMachine("darwin");
    await machine.acp("service", "install", "--profile-id", "web");
    machine.calls();
    expect((await machine.acp("launchd-uninstall", "--profile-id", "web")).code).toBe(0);
    expect(machine.calls()[0]).toBe(`launchctl bootout ${target}`);
    expect([existsSync(machine.agent), machine.has("loaded")]).toEqual([false, false]);
  });

  it("is not there on Linux, and the aliases say what is", async () => {
    const ran = await aMachine("linux").acp("launchd-install", "--profile-id", "web");
    expect(ran).toMatchObject({ code: 64, stderr: expect.stringContaining("acp service install") });
  });
});
