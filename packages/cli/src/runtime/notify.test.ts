import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, temporaryFolder } from "@agent-control-plane/testkit";
import { expect, it } from "vitest";
import { createOutput } from "../output.ts";
import { createNotices } from "./notify.ts";

/** A `systemd-notify` that writes down what it was told, a message a line. */
function aService(env: NodeJS.ProcessEnv = {}, program = 'echo "$*" >> "$(dirname "$0")/told"') {
  const folder = temporaryFolder("acp-notify-");
  writeFileSync(join(folder, "systemd-notify"), `#!/bin/sh\n${program}\n`);
  chmodSync(join(folder, "systemd-notify"), 0o755);
  const clock = new ManualClock();
  let noted = "";
  const stream = { write: (text: string) => (noted += text) };
  const notices = createNotices({
    env: { PATH: `${folder}:${process.env.PATH}`, NOTIFY_SOCKET: "/run/notify", ...env },
    clock,
    output: createOutput(stream, stream, {}),
  });
  const file = join(folder, "told");
  const told = () => (existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : []);
  return { notices, clock, told, noted: () => noted };
}

const watched = { WATCHDOG_USEC: "9000000", WATCHDOG_PID: String(process.pid) };

it("says when it is ready and what is wrong, and that it ends and how long that may take", async () => {
  const { notices, told } = aService();
  notices.ready({ web: { forge: "seen" }, shop: { forge: "forge-refused", forgeDetail: "the token\nis not known" } });
  notices.stopping(30_000);
  notices.stopping(30_000);
  await notices.failed(new Error("over"));
  expect(told()).toEqual([
    "READY=1 STATUS=shop: the token is not known",
    "STOPPING=1 STATUS=letting sessions end EXTEND_TIMEOUT_USEC=105000000",
    "STATUS=over",
  ]);
});

it("quiets the watchdog by passes of the loop alone, a third of its time apart", async () => {
  const { notices, clock, told } = aService(watched);
  notices.progress({ profiles: 1 });
  notices.ready({ web: {} });
  for (let second = 0; second < 7; second += 1) {
    clock.advance(1_000);
    notices.progress({ profiles: 2 });
  }
  clock.advance(60_000);
  notices.stopping(0);
  notices.progress({ profiles: 2 });
  await notices.failed("end");
  expect(told().map((line) => line.split(" ")[0])).toEqual([
    ...["READY=1", "WATCHDOG=1", "WATCHDOG=1", "STOPPING=1", "STATUS=end"],
  ]);
});

it.each([
  ["nobody watches", {}],
  ["another process is watched", { WATCHDOG_USEC: "9000000", WATCHDOG_PID: "1" }],
])("starts no program in a pass when %s", async (_, env) => {
  const { notices, clock, told } = aService(env);
  notices.ready({ web: {} });
  clock.advance(60_000);
  notices.progress({ profiles: 1 });
  await notices.failed("end");
  expect(told()).toEqual(["READY=1 STATUS=working web", "STATUS=end"]);
});

it("complains once when systemd cannot be told, and goes on", async () => {
  const { notices, noted } = aService({}, "echo no bus >&2; exit 1");
  await notices.failed("a");
  await notices.failed("b");
  expect(noted()).toBe("systemd was not told how it stands: no bus\n");
});

it("does nothing where systemd did not start it", async () => {
  const { notices, told } = aService({ NOTIFY_SOCKET: "" });
  notices.ready({ web: {} });
  await notices.failed("end");
  expect(told()).toEqual([]);
});
