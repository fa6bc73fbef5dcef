import { parse } from "plist";
import { expect, it } from "vitest";
import { launchAgent, markOfAgent, parseLaunchAgent } from "./launch-agent.ts";
import type { ServicePlan } from "./service-plan.ts";

const plan: ServicePlan = {
  served: { profileId: "web" },
  home: "/Users/ann/.agent-runtime",
  program: { node: "/opt/homebrew/bin/node", cli: "/Users/ann/.agent-runtime/runtime-home/current/cli.js" },
  path: "/opt/homebrew/bin:/usr/bin",
  stopWithinSeconds: 105,
  printed: "/Users/ann/.agent-runtime/logs/service.log",
};

it("passes the strict parser and has our keys, and no others", () => {
  expect(parse(launchAgent(plan))).toEqual({
    Label: "ai.agent-control-plane.profile.web",
    ProgramArguments: [plan.program.node, plan.program.cli, "runtime", "run", "--profile-id", "web"],
    EnvironmentVariables: { ACP_SERVICE: "launchd", AGENT_RUNTIME_HOME: plan.home, PATH: plan.path },
    WorkingDirectory: plan.home,
    StandardOutPath: plan.printed,
    StandardErrorPath: plan.printed,
    RunAtLoad: true,
    KeepAlive: { SuccessfulExit: false },
    AbandonProcessGroup: true,
    ProcessType: "Standard",
    ThrottleInterval: 30,
    ExitTimeOut: 105,
  });
});

it.each(["/a b/100%", `/$HOME/\${x}`, `/"q"/'p'/\\n`, "/<b>&amp;]]>", "/ü/日本"])(
  "keeps the path %s as it is",
  (odd) => {
    const program = { node: `${odd}/node`, cli: `${odd}/cli.js` };
    const agent = parseLaunchAgent(launchAgent({ ...plan, home: odd, program, path: odd, printed: `${odd}/log` }));
    expect(agent?.ProgramArguments.slice(0, 2)).toEqual([program.node, program.cli]);
    expect(agent?.EnvironmentVariables).toMatchObject({ AGENT_RUNTIME_HOME: odd, PATH: odd });
  },
);

it("starts the dashboard on its port, and is known as the dashboard's", () => {
  const served = { profileId: null, part: "dashboard" } as const;
  const agent = launchAgent({ ...plan, served, port: 9000, stopWithinSeconds: 20 });
  expect(parseLaunchAgent(agent)).toMatchObject({
    Label: "ai.agent-control-plane.dashboard",
    ProgramArguments: [plan.program.node, plan.program.cli, "dashboard", "--port", "9000"],
  });
  expect(markOfAgent(agent)).toEqual({ home: plan.home, profileId: null, part: "dashboard" });
});

it("knows whose agent it is, and one that somebody else wrote or that is broken", () => {
  const text = launchAgent(plan);
  expect(markOfAgent(text)).toEqual({ home: plan.home, profileId: "web" });
  expect(markOfAgent(launchAgent({ ...plan, served: { profileId: null } }))).toMatchObject({ profileId: null });
  for (const other of [
    text.replace("</dict>", ""),
    text.replace("ai.agent-control-plane.", "com.example."),
    text.replace("<key>RunAtLoad</key>", "<key>RunAtLaod</key>"),
    text.replace("<true/>", "<string>yes</string>"),
    "nothing at all",
    "",
  ])
    expect(markOfAgent(other), other).toBeNull();
});
