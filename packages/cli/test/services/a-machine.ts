import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryFolder } from "@agent-control-plane/testkit";
import { runProgram } from "../../src/program.ts";
import { mark, runningNode } from "../../src/versions/manifest.ts";

/** Keep what they are told in files beside themselves, and write down each call. */
const fakes: Readonly<Record<string, string>> = {
  systemctl: `
case "$*" in
  --version) echo "systemd 252 (252.38)" ;;
  "--user show --property=Version") test ! -e away || { echo "Failed to connect to bus" >&2; exit 1; } ;;
  "--user enable "*) touch enabled ;;
  "--user disable "*) rm enabled ;;
  "--user start "*) test ! -e fails || { echo "Job failed" >&2; exit 1; }; touch active ;;
  "--user stop "*) rm -f active ;;
  "--user show "*)
    test -e enabled && echo UnitFileState=enabled || echo UnitFileState=disabled
    test -e active && echo ActiveState=active || echo ActiveState=inactive
    test ! -e fails || printf 'ActiveState=activating\\nSubState=auto-restart\\nResult=exit-code\\nExecMainStatus=1\\nStatusText=no token\\n'
    printf 'MainPID=0\\nNRestarts=0\\nNeedDaemonReload=no\\n' ;;
esac`,
  "systemd-notify": "",
  loginctl: "echo Linger=no",
  launchctl: `
case "$1 $2" in
  "print gui/"*/*) test -e loaded || exit 113; echo "	state = running"; echo "	pid = 4242" ;;
  "bootstrap "*) test ! -e loaded || { echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; }; touch loaded ;;
  "bootout "*) rm loaded || exit 3 ;;
esac`,
};

/** A person's machine with a profile and an installed version, whose init system is played by programs of ours. */
export function aMachine(platform: NodeJS.Platform = "linux") {
  const folder = temporaryFolder("acp-services-");
  const told = join(folder, "bin");
  const write = (file: string, text: string, mode = 0o600) => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  for (const [name, script] of Object.entries(fakes))
    write(join(told, name), `#!/bin/sh\ncd "\${0%/*}"\necho "${name} $*" >> calls\n${script}\n`, 0o755);
  const home = join(folder, "home", ".agent-runtime");
  write(
    join(home, "control-plane/profiles/web/control-plane.yaml"),
    "id: web\nrepo:\n  slug: octo/web\nexecution:\n  shell:\n    command: make fix\n",
  );
  const cli = join(home, "runtime-home/current/node_modules/agent-control-plane/dist/cli.js");
  write(cli, "");
  const env: NodeJS.ProcessEnv = { PATH: `${told}:${process.env.PATH}`, HOME: join(folder, "home") };
  return {
    home,
    cli,
    env,
    unit: join(folder, "home/.config/systemd/user/agent-control-plane-web.service"),
    agent: join(folder, "home/Library/LaunchAgents/ai.agent-control-plane.profile.web.plist"),
    dashboardUnit: join(folder, "home/.config/systemd/user/agent-control-plane.dashboard.service"),
    dashboardAgent: join(folder, "home/Library/LaunchAgents/ai.agent-control-plane.dashboard.plist"),
    write,
    /** What the init system is: "fails", "away". */
    becomes: (state: string) => write(join(told, state), ""),
    has: (state: string) => existsSync(join(told, state)),
    loses: (state: string) => rmSync(join(told, state)),
    /** What `acp sync` leaves, in the place of what is there. */
    installs(version: string) {
      const current = join(home, "runtime-home/current");
      const folder = join(home, "runtime-home/versions", version);
      mkdirSync(dirname(folder), { recursive: true });
      renameSync(current, folder);
      symlinkSync(join("versions", version), current);
      const manifest = { mark, version, contentHash: "0", commit: null, source: "/nowhere", storeSchema: 1 };
      write(join(folder, "manifest.json"), JSON.stringify({ ...manifest, node: runningNode(), installedAt: 0 }));
      return { current };
    },
    /** What was done to the init system since the last call; what was only asked is left out. */
    calls() {
      const file = join(told, "calls");
      const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
      writeFileSync(file, "");
      return lines.filter((line) => !/^loginctl|^systemd-notify|^\S+ --version| show |^launchctl print/.test(line));
    },
    async acp(...args: readonly string[]) {
      let stdout = "";
      let stderr = "";
      const code = await runProgram(args, {
        ...{ env, cwd: folder, platform, stdin: process.stdin },
        stdout: { write: (text: string) => (stdout += text) } as unknown as NodeJS.WriteStream,
        stderr: { write: (text: string) => (stderr += text) } as unknown as NodeJS.WriteStream,
      });
      return { code, stdout, stderr, json: () => JSON.parse(stdout) };
    },
  };
}
