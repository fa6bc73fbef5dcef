// A real pseudo-terminal around a program, by python's pty module: what a person types goes in, what the screen gets comes out.
import { spawn } from "node:child_process";
import { stripVTControlCharacters } from "node:util";
import { until } from "./product.ts";

export interface Terminal {
  /** Everything that was shown so far, without colours and cursor moves. */
  shown(): string;
  /** Waits until this is shown after what earlier waits have seen. */
  see(text: string | RegExp): Promise<void>;
  type(keys: string): void;
  /** As the program ended: an exit code, or 128 + its signal. */
  readonly ended: Promise<number>;
  close(): void;
}

export const keys = { enter: "\r", ctrlC: "\u0003", ctrlU: "\u0015", down: "\u001b[B", space: " " } as const;

const driver = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 60, 160, 0, 0))
inputs = [fd, 0]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        typed = os.read(0, 4096)
        if typed: os.write(fd, typed)
        else: inputs.remove(0)
    if fd in ready:
        try: shown = os.read(fd, 65536)
        except OSError: break
        if not shown: break
        os.write(1, shown)
_, status = os.waitpid(pid, 0)
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
`;

/** Starts `file args` as its own session on a terminal of 160 columns. */
export function openTerminal(
  file: string,
  args: readonly string[],
  { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string },
): Terminal {
  const child = spawn("/usr/bin/env", ["python3", "-c", driver, file, ...args], {
    env: { ...env, TERM: "xterm-256color" },
    cwd,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let text = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  child.stdin.on("error", () => {});
  const ended = new Promise<number>((done) => child.once("exit", (code) => done(code ?? 1)));
  const shown = () => stripVTControlCharacters(text);
  return {
    shown,
    ended,
    async see(wanted) {
      const find = () => {
        const rest = shown().slice(seen);
        const at = typeof wanted === "string" ? rest.indexOf(wanted) : rest.search(wanted);
        return at < 0 ? null : { end: seen + at + 1 };
      };
      let isOver = false;
      void ended.then(() => (isOver = true));
      const found = await until(`the terminal shows ${wanted}; it shows:\n${shown().slice(seen)}`, async () => {
        const at = find();
        if (at === null && isOver) throw new Error(`the program ended without showing ${wanted}:\n${shown()}`);
        return at;
      }).catch((error: Error) => {
        throw new Error(`${error.message}\n--- all of it:\n${shown()}`);
      });
      seen = found.end;
    },
    type: (typed) => void child.stdin.write(typed),
    close: () => void child.kill("SIGKILL"),
  };
}
