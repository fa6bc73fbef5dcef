// The unit that we write, in the hands of a real systemd of its own.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { ServiceState } from "../../packages/cli/src/services/read-service-state.ts";
import { theDashboard, unitName } from "../../packages/cli/src/services/served.ts";
import { systemdUnit } from "../../packages/cli/src/services/systemd-unit.ts";
import { type CrashProject, makeCrashProject } from "../crash/support/project.ts";
import { attemptsLost, expectProvenEnd, untilSettled } from "../crash/support/proven-end.ts";
import { installProfile, makeProduct, until } from "../support/product.ts";
import { noUserSystemd, startUserSystemd, type UserSystemd } from "../support/user-systemd.ts";

const lacking = noUserSystemd();
const unit = "agent-control-plane-web.service";

let systemd: UserSystemd | undefined;
let project: CrashProject | undefined;
const folders: string[] = [];
afterEach(async () => {
  await systemd?.close();
  await project?.product.close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  systemd = undefined;
  project = undefined;
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "acp-service-"));
  folders.push(folder);
  return folder;
}

const oddNames = `a b %h $HOME \${HOME} "q" 'p' \\n ünïcödé; # %%`;

describe.skipIf(lacking !== null)(`a real systemd${lacking === null ? "" : ` (skipped: ${lacking})`}`, () => {
  it("finds nothing to say about a unit, whatever is in its paths", () => {
    const folder = aFolder();
    const program = anEcho(join(folder, oddNames));
    const home = join(folder, oddNames);
    for (const served of [{ profileId: "web" }, { profileId: null }, theDashboard]) {
      const file = join(folder, unitName(served));
      const path = `${join(folder, oddNames)}:/usr/bin`;
      const plan = { served, port: 8765, home, program: { node: program, cli: join(home, "cli.js") }, path };
      writeFileSync(file, systemdUnit({ ...plan, stopWithinSeconds: 105, printed: "" }, installedVersion()));
      const env = { PATH: process.env.PATH, HOME: folder, XDG_RUNTIME_DIR: folder };
      const verified = spawnSync("systemd-analyze", ["--user", "verify", file], { env, encoding: "utf8" });
      expect(verified).toMatchObject({ status: 0, stderr: "" });
    }
  });

  it("hands the program its arguments and its environment as they were meant", async () => {
    const home = aFolder();
    const odd = join(home, oddNames);
    const units = join(home, ".config", "systemd", "user");
    mkdirSync(units, { recursive: true });
    const program = { node: anEcho(odd), cli: join(odd, "cli.js") };
    const path = `${odd}:/usr/bin:/bin`;
    const plan = { served: { profileId: "web" }, home: odd, program, path, stopWithinSeconds: 105, printed: "" };
    writeFileSync(join(units, unit), systemdUnit(plan, installedVersion()));
    systemd = await startUserSystemd(home);
    await systemd.run(["systemctl", "--user", "start", unit], { HOME: home });
    const said = await until("the program has said what it got", async () => readWhole(join(odd, "said")));
    expect(said.split("\n")).toEqual([program.cli, "runtime", "run", "--profile-id", "web", path, odd, "systemd"]);
  });

  it("serves the dashboard once it is started, again after a kill, and says when its port is taken", async () => {
    const product = makeProduct();
    try {
      await installProfile(product, { shellCommand: "true" });
      await product.json("sync");
      const cli = join(product.home, "runtime-home/current/node_modules/agent-control-plane/dist/cli.js");
      const manager = await startUserSystemd(product.env.HOME ?? "");
      systemd = manager;
      const service = async (...args: readonly string[]) =>
        (await manager.run([process.execPath, cli, "service", ...args, "--dashboard", "--json"], product.env)).stdout;
      const state = async (): Promise<ServiceState> => JSON.parse(await service("status")).services[0];
      const port = await aFreePort();
      expect(JSON.parse(await service("install", "--port", String(port)))).toMatchObject({
        ...{ status: "installed", service: { part: "dashboard", running: true, enabled: true } },
      });
      const { pid, detail } = await state();
      expect(detail).toBe(`serves http://127.0.0.1:${port}`);
      expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);

      await manager.run(["kill", "-KILL", String(pid)], {});
      await until("another one serves", async () => {
        const found = await state();
        return found.running && found.pid !== pid;
      });
      const taken = await holdPort();
      try {
        const ran = await manager.run(
          [process.execPath, cli, "service", "install", "--dashboard", "--port", String(taken.port)],
          product.env,
        );
        expect(ran.code).toBe(1);
        expect(ran.stderr).toContain(`Port ${taken.port} of 127.0.0.1 is taken`);
      } finally {
        taken.close();
      }
      expect(JSON.parse(await service("uninstall"))).toMatchObject({ status: "uninstalled" });
      expect(await state()).toMatchObject({ state: "not-installed" });
    } finally {
      await systemd?.close();
      systemd = undefined;
      await product.close();
    }
  }, 120_000);

  it("starts the daemon again after a kill and a hang, and its session is neither lost nor done twice", async () => {
    project = await makeCrashProject({
      issues: 1,
      work: 'until test -e "$(dirname "$STARTED")/go"; do sleep 0.1; done',
    });
    const { product, store } = project;
    await product.json("sync");
    const cli = join(product.home, "runtime-home/current/node_modules/agent-control-plane/dist/cli.js");
    const home = product.env.HOME ?? "";
    quicker(home);
    systemd = await startUserSystemd(home);
    const manager = systemd;
    const acp = async (...args: readonly string[]) => {
      const ran = await manager.run([process.execPath, cli, ...args, "--json"], product.env);
      if (ran.code !== 0) throw new Error(`acp ${args.join(" ")} ended with ${ran.code}: ${ran.stderr}`);
      return JSON.parse(ran.stdout);
    };
    const state = async (): Promise<ServiceState> =>
      JSON.parse(
        (await manager.run([process.execPath, cli, "service", "status", "--profile-id", "web", "--json"], product.env))
          .stdout,
      ).services[0];
    const another = (than: number | null) =>
      until("another daemon runs", async () => {
        const found = await state();
        return found.running && found.pid !== null && found.pid !== than && found;
      });
    const session = async () => (await store.sessions.list({ states: ["running"] }))[0];

    const installed = await acp("service", "install", "--profile-id", "web");
    expect(installed).toMatchObject({ status: "installed", service: { running: true, enabled: true, restarts: 0 } });
    const first = installed.service.pid as number;
    const inFlight = await until("the agent is at work", async () => project?.worked().length === 1 && session());
    expect(await acp("service", "install", "--profile-id", "web")).toMatchObject({
      ...{ status: "unchanged", commands: [], service: { pid: first } },
    });

    await manager.run(["kill", "-KILL", String(first)], {});
    const second = await another(first);
    expect(second).toMatchObject({ restarts: 1 });
    await manager.run(["kill", "-STOP", String(second.pid)], {});
    const third = await another(second.pid);
    expect(third).toMatchObject({ restarts: 2 });
    expect((await session())?.wrapper).toEqual(inFlight.wrapper);

    // A restart by hand leaves it to the next one, too, and the service has it again.
    const restarted = await acp("runtime", "restart", "--profile-id", "web");
    expect(restarted).toMatchObject({ status: "started", services: [unit] });
    expect((await state()).pid).toBe(restarted.pid);
    expect((await session())?.wrapper).toEqual(inFlight.wrapper);
    expect(await acp("runtime", "status")).toMatchObject({
      profiles: [{ pid: restarted.pid, service: { name: unit, state: "running", pid: restarted.pid } }],
    });

    writeFileSync(join(product.folder, "go"), "");
    await untilSettled(project, 60_000);
    expect(await acp("runtime", "stop", "--profile-id", "web")).toMatchObject({
      ...{ status: "stopped", services: [unit], daemons: [{ pid: restarted.pid, ended: true }] },
    });
    expect(await state()).toMatchObject({ state: "stopped", enabled: true, detail: null });
    expect(await acp("service", "uninstall", "--profile-id", "web")).toMatchObject({ status: "uninstalled" });
    expect((await manager.run(["systemctl", "--user", "cat", unit], product.env)).stdout).not.toContain("ExecStart");

    await systemd.close();
    systemd = undefined;
    await expectProvenEnd(project);
    expect(project.worked()).toEqual(project.issues);
    expect(await attemptsLost(project)).toBe(0);
  }, 180_000);
});

/** A port that somebody else has. */
async function holdPort(): Promise<{ readonly port: number; close(): void }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

async function aFreePort(): Promise<number> {
  const { port, close } = await holdPort();
  close();
  return port;
}

/** A program that writes down what it was given, in a folder of this name. */
function anEcho(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "echo $1");
  const said = '"$@" "$PATH" "$AGENT_RUNTIME_HOME" "$ACP_SERVICE"';
  writeFileSync(
    file,
    `#!/bin/sh\ncd "$(/usr/bin/dirname "$0")" && printf '%s\\n' ${said} > saying && mv saying said\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

function readWhole(file: string): string | null {
  try {
    return readFileSync(file, "utf8").trimEnd();
  } catch {
    return null;
  }
}

const installedVersion = (): number =>
  Number(/^systemd (\d+)/.exec(spawnSync("systemctl", ["--version"], { encoding: "utf8" }).stdout)?.[1]);

/** Times that a test can wait for, where a person would put theirs. */
function quicker(home: string): void {
  const folder = join(home, ".config", "systemd", "user", `${unit}.d`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "quicker.conf"), "[Service]\nRestartSec=1\nWatchdogSec=6\n");
}
