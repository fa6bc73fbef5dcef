import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { cloneScene, type Scene, startScene } from "../support/forge.ts";

/** A push that has begun and sends no more. Resolves when the forge reads it. */
async function stalledPush(scene: Scene) {
  const { port } = new URL(scene.forge.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  const basic = Buffer.from(`x-access-token:${scene.maya}`).toString("base64");
  socket.write(
    `POST /maya/demo.git/git-receive-pack HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Basic ${basic}\r\n` +
      "Content-Type: application/x-git-receive-pack-request\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n",
  );
  await once(socket, "data"); // 100 Continue: the request is in the forge's hands
  socket.write("4\r\n00a0\r\n");
  return socket;
}

const gitRequests = (scene: Scene) => scene.forge.counters().byRoute["git git-receive-pack"] ?? 0;

test("a client that goes away in the middle of a push changes nothing and holds nothing up", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  const before = gitRequests(scene);
  const socket = await stalledPush(scene);
  const sha = await clone.push("work", { "a.txt": "a\n" }); // meanwhile others push
  socket.destroy();
  await expect.poll(() => gitRequests(scene)).toBe(before + 2);
  const branches = await scene.ask("GET", "branches");
  expect(branches.body.map((branch: { name: string }) => branch.name)).toEqual(["main", "work"]);
  expect(branches.body[1].commit.sha).toBe(sha);
});

test("a forge closes although a push hangs", async () => {
  const scene = await startScene();
  await cloneScene(scene);
  const socket = await stalledPush(scene);
  await scene.forge.close();
  socket.destroy();
  await expect(fetch(scene.forge.url)).rejects.toThrow();
});
