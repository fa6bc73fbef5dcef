// The dashboard as a service of its own, beside those that work profiles; systemd and launchd are played by programs of ours.
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { expect, it } from "vitest";
import { undocumented } from "../../../../test/docs/json-page.ts";
import { aMachine } from "./a-machine.ts";

const unit = "agent-control-plane.dashboard.service";
const page = readFileSync(new URL("../../../../docs/json-output.md", import.meta.url), "utf8");
const starting = [
  "systemctl --user daemon-reload",
  `systemctl --user enable ${unit}`,
  `systemctl --user start ${unit}`,
];

it("is installed beside the service of a profile, which it does not touch, and is left alone when it is well", async () => {
  const machine = aMachine();
  await machine.acp("service", "install", "--profile-id", "web");
  const working = readFileSync(machine.unit, "utf8");
  machine.loses("active");
  machine.calls();
  const ran = await machine.acp("service", "install", "--dashboard", "--json");
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  expect(ran.json()).toMatchObject({
    status: "installed",
    service: { part: "dashboard", running: true, enabled: true },
  });
  expect(undocumented(page, "acp service install", ran.json())).toEqual([]);
  expect(machine.calls().filter((call) => !call.includes(" stop "))).toEqual(starting);
  expect(readFileSync(machine.dashboardUnit, "utf8")).toContain(`"${machine.cli}" "dashboard" "--port" "8765"`);

  expect((await machine.acp("service", "install", "--dashboard")).stdout).toContain("unchanged");
  expect(machine.calls()).toEqual([]);
  expect(readFileSync(machine.unit, "utf8")).toBe(working);
});

it("has another port when it is asked for, and then is started anew", async () => {
  const machine = aMachine();
  await machine.acp("service", "install", "--dashboard");
  machine.calls();
  const ran = await machine.acp("service", "install", "--dashboard", "--port", "9000");
  expect(ran.stdout).toContain("updated");
  expect(readFileSync(machine.dashboardUnit, "utf8")).toContain('"--port" "9000"');
  expect(machine.calls()).toEqual([...starting.slice(0, 2), `systemctl --user stop ${unit}`, starting[2]]);
  for (const flags of [
    ["--dashboard", "--port", "0"],
    ["--all", "--port", "9000"],
    ["--dashboard", "--all"],
  ])
    expect((await machine.acp("service", "install", ...flags)).code, flags.join(" ")).toBe(64);
});

it("needs no profile, is named by service status and by doctor, and goes when it is told to, with nothing else", async () => {
  const machine = aMachine();
  await machine.acp("service", "install", "--profile-id", "web");
  await machine.acp("service", "install", "--dashboard");
  const status = await machine.acp("service", "status", "--json");
  expect(status.json().services.map(({ part, profileId }: Record<string, unknown>) => part ?? profileId)).toEqual([
    ...["web", "dashboard"],
  ]);
  expect(undocumented(page, "acp service status", status.json())).toEqual([]);
  expect((await machine.acp("service", "status", "--dashboard")).stdout).toMatch(/^the dashboard {2}running/);

  machine.calls();
  const dry = await machine.acp("service", "uninstall", "--dashboard", "--dry-run");
  expect(dry.stdout).toContain(machine.dashboardUnit);
  expect(machine.calls()).toEqual([]);
  expect((await machine.acp("service", "uninstall", "--dashboard")).code).toBe(0);
  expect([existsSync(machine.dashboardUnit), existsSync(machine.unit)]).toEqual([false, true]);
  expect((await machine.acp("service", "uninstall", "--dashboard")).stdout).toContain("not installed");
});

it("is a LaunchAgent on macOS", async () => {
  const machine = aMachine("darwin");
  expect((await machine.acp("service", "install", "--dashboard")).code).toBe(0);
  const target = `gui/${userInfo().uid}/ai.agent-control-plane.dashboard`;
  expect(machine.calls()).toContain(`launchctl kickstart ${target}`);
  expect(readFileSync(machine.dashboardAgent, "utf8")).toContain("<string>dashboard</string>");
  machine.calls();
  expect((await machine.acp("service", "uninstall", "--dashboard")).code).toBe(0);
  expect(machine.calls()).toEqual([`launchctl bootout ${target}`]);
});
