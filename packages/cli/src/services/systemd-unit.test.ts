import { expect, it } from "vitest";
import type { ServicePlan } from "./service-plan.ts";
import { markOfUnit, programsInUnit, systemdUnit } from "./systemd-unit.ts";

const plan: ServicePlan = {
  served: { profileId: "web" },
  home: "/home/ann/.agent-runtime",
  program: { node: "/opt/node/bin/node", cli: "/home/ann/.agent-runtime/runtime-home/current/cli.js" },
  path: "/opt/node/bin:/usr/bin",
  stopWithinSeconds: 105,
  printed: "/home/ann/.agent-runtime/logs/service.log",
};
const line = (text: string, key: string) => text.split("\n").filter((one) => one.startsWith(`${key}=`));

it("starts one profile, or all, by the program of the installed version", () => {
  expect(line(systemdUnit(plan, 252), "ExecStart")).toEqual([
    'ExecStart="/opt/node/bin/node" "/home/ann/.agent-runtime/runtime-home/current/cli.js" "runtime" "run" "--profile-id" "web"',
  ]);
  expect(line(systemdUnit({ ...plan, served: { profileId: null } }, 252), "ExecStart")[0]).toMatch(/"run" "--all"$/);
});

it("says when it is ready, is watched, and leaves the sessions of a daemon that dies alone", () => {
  const text = systemdUnit(plan, 252);
  for (const wanted of [
    "Type=notify",
    "WatchdogSec=300",
    "KillMode=process",
    "OOMPolicy=continue",
    "Restart=on-failure",
  ])
    expect(text.split("\n")).toContain(wanted);
  expect(line(text, "TimeoutStopSec")).toEqual(["TimeoutStopSec=105"]);
});

it("waits longer after each bad end where systemd can, and names no key that it does not know", () => {
  const pauses = (version: number) => systemdUnit(plan, version).match(/^Restart(Sec|Steps|MaxDelaySec)=\d+$/gm);
  expect(pauses(254)).toEqual(["RestartSec=5", "RestartSteps=8", "RestartMaxDelaySec=300"]);
  expect(pauses(253)).toEqual(["RestartSec=30"]);
});

it("holds no variable of the person's but the PATH", () => {
  expect(line(systemdUnit(plan, 252), "Environment")).toEqual([
    'Environment="ACP_SERVICE=systemd"',
    'Environment="AGENT_RUNTIME_HOME=/home/ann/.agent-runtime"',
    'Environment="PATH=/opt/node/bin:/usr/bin"',
  ]);
});

it.each([
  ["spaces", "/a b/c"],
  ["specifiers", "/100%/%h"],
  ["variables", `/$HOME/\${x}/$$`],
  ["quotes and backslashes", `/"q"/'p'/\\n\\`],
  ["letters of other tongues", "/ü/日本"],
])("reads out of a unit what it wrote into it: %s", (_, odd) => {
  const program = { node: `${odd}/node`, cli: `${odd}/cli.js` };
  const text = systemdUnit({ ...plan, home: odd, program, path: odd }, 252);
  expect(programsInUnit(text)).toEqual([program.node, program.cli]);
  expect(markOfUnit(text)).toEqual({ home: odd, profileId: "web" });
});

it("starts the dashboard on its port, which nothing outlives and no watchdog watches", () => {
  const served = { profileId: null, part: "dashboard" } as const;
  const text = systemdUnit({ ...plan, served, port: 8765, stopWithinSeconds: 20 }, 252);
  expect(line(text, "ExecStart")[0]).toMatch(/cli\.js" "dashboard" "--port" "8765"$/);
  expect(text).not.toMatch(/Watchdog|KillMode|OOMPolicy/);
  expect(line(text, "Type")).toEqual(["Type=notify"]);
  expect(markOfUnit(text)).toEqual({ home: plan.home, profileId: null, part: "dashboard" });
  expect(markOfUnit(systemdUnit({ ...plan, served: { profileId: "dashboard" } }, 252))).toEqual({
    ...{ home: plan.home, profileId: "dashboard" },
  });
});

it("knows a unit that somebody else wrote", () => {
  expect(markOfUnit(systemdUnit(plan, 252))).toEqual({ home: plan.home, profileId: "web" });
  expect(markOfUnit(systemdUnit({ ...plan, served: { profileId: null } }, 252))).toMatchObject({ profileId: null });
  expect(markOfUnit("[Service]\nExecStart=/bin/true\n")).toBeNull();
  expect(markOfUnit('[Service]\nHome="/home/ann"\nServes="web"\n')).toBeNull();
});
