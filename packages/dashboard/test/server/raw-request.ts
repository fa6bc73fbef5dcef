import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/**
 * Sends these very bytes and reads until the server closes the connection, or the answer is whole: what no HTTP client would
 * let a test send.
 */
export function rawRequest(port: number, lines: readonly string[], body = ""): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`));
    const end = () => {
      socket.destroy();
      resolve(parsed(text));
    };
    socket.setEncoding("utf8");
    socket.on("data", (chunk) => {
      text += chunk;
      if (isWhole(text)) end();
    });
    socket.on("close", end);
    // The server may cut off who is still sending; what it had said counts.
    socket.on("error", (error) => (text === "" ? reject(error) : end()));
  });
}

function isWhole(text: string): boolean {
  const [head, body] = split(text);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (body === null) return false;
  return length === undefined ? /0\r\n\r\n$/.test(body) : Buffer.byteLength(body) >= Number(length);
}

function parsed(text: string): RawAnswer {
  const [head, body] = split(text);
  return { status: Number(/^HTTP\/1\.[01] (\d+)/.exec(head)?.[1] ?? 0), head, body: body ?? "" };
}

function split(text: string): readonly [head: string, body: string | null] {
  const at = text.indexOf("\r\n\r\n");
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 4)];
}
