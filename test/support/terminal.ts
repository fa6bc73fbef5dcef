// A real pseudo-terminal around a program, by python's pty module: what a person types goes in, what the screen gets comes out.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { until } from "./product.ts";

export interface Terminal {
  /** Everything that was shown so far, without colours and cursor moves. */
  shown(): string;
  /** Waits until this is shown after what earlier waits have seen. */
  see(text: string | RegExp): Promise<void>;
  /** The same with them: every byte that the terminal was given. */
  raw(): string;
  /** As a window that a person makes larger or smaller. */
  resize(rows: number, columns: number): void;
  /** Of the program at the terminal; known as soon as it has started. */
  pid(): Promise<number>;
  type(keys: string): void;
  /** As the program ended: an exit code, or 128 + its signal. */
  readonly ended: Promise<number>;
  close(): void;
}

export const keys = { enter: "\r", ctrlC: "\u0003", ctrlU: "\u0015", down: "\u001b[B", space: " " } as const;

const driver = `
import fcntl, os, pty, select, struct, sys, termios
def size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
rows, columns = int(sys.argv[1]), int(sys.argv[2])
pid, fd = pty.fork()
if pid == 0:
    size(0, rows, columns)
    os.closerange(3, 5)
    os.execvp(sys.argv[3], sys.argv[3:])
os.write(4, str(pid).encode())
inputs = [fd, 0, 3]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 3 in ready:
        asked = os.read(3, 4096).split()
        if asked: size(fd, int(asked[-2]), int(asked[-1]))
        else: inputs.remove(3)
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

/** Starts `file args` as its own session on a terminal of 160 columns, or of the size given. */
export function openTerminal(
  file: string,
  args: readonly string[],
  options: {
    readonly env: NodeJS.ProcessEnv;
    readonly cwd: string;
    readonly size?: { readonly rows: number; readonly columns: number };
  },
): Terminal {
  const { env, cwd, size: { rows, columns } = { rows: 60, columns: 160 } } = options;
  const child = spawn("/usr/bin/env", ["python3", "-c", driver, String(rows), String(columns), file, ...args], {
    env: { TERM: "xterm-256color", ...env },
    cwd,
    stdio: ["pipe", "pipe", "inherit", "pipe", "pipe"],
  }) as ChildProcessByStdio<Writable, Readable, null>;
  const [, , , resizing, started] = child.stdio as unknown as readonly [null, null, null, Writable, Readable];
  const pid = new Promise<number>((done) => started.once("data", (line) => done(Number(String(line)))));
  let text = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (part) => (text += part));
  child.stdin.on("error", () => {});
  const ended = new Promise<number>((done) => child.once("exit", (code) => done(code ?? 1)));
  const shown = () => stripVTControlCharacters(text);
  return {
    shown,
    ended,
    raw: () => text,
    resize: (rows, columns) => void resizing.write(`${rows} ${columns}\n`),
    pid: () => pid,
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
