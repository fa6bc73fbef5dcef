import { expect, test } from "vitest";
import { type Answer, cloneScene, type Scene, startScene } from "../support/forge.ts";

async function ask(
  scene: Scene,
  query: string,
  options: { token?: string | null; path?: string; variables?: object } = {},
) {
  const { token = scene.maya, path = "/api/graphql", variables } = options;
  const response = await fetch(`${scene.forge.url}${path}`, {
    method: "POST",
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() } as Answer;
}

const inDemo = (fields: string) => `{ repository(owner: "maya", name: "demo") { ${fields} } }`;

test("who changed a text last is told, and a new title is no change of it", async () => {
  let now = Date.parse("2024-05-01T10:00:00Z");
  const scene = await startScene({ now: () => now });
  await scene.ask("POST", "issues", { body: { title: "One", body: "first" }, token: scene.guest });
  const { body: comment } = await scene.ask("POST", "issues/1/comments", { body: { body: "a" }, token: scene.guest });
  const query = inDemo(`issue(number: 1) {
    number author { login } editor { login } lastEditedAt includesCreatedEdit
    userContentEdits(first: 10) { nodes { editedAt editor { login } } }
    comments(last: 1) { totalCount nodes { databaseId author { login } editor { login } lastEditedAt } }
  }`);
  await scene.ask("PATCH", "issues/1", { body: { title: "Uno" } });
  expect((await ask(scene, query)).body.data.repository.issue).toMatchObject({
    number: 1,
    author: { login: "guest" },
    editor: null,
    lastEditedAt: null,
    includesCreatedEdit: false,
    userContentEdits: { nodes: [] },
  });
  now += 60_000;
  await scene.ask("PATCH", "issues/1", { body: { body: "second" }, token: scene.robot });
  await scene.ask("PATCH", `issues/comments/${comment.id}`, { body: { body: "b" } });
  expect((await ask(scene, query)).body.data.repository.issue).toEqual({
    number: 1,
    author: { login: "guest" },
    editor: { login: "robot" },
    lastEditedAt: "2024-05-01T10:01:00Z",
    includesCreatedEdit: true,
    userContentEdits: {
      nodes: [
        { editedAt: "2024-05-01T10:01:00Z", editor: { login: "robot" } },
        { editedAt: "2024-05-01T10:00:00Z", editor: { login: "guest" } },
      ],
    },
    comments: {
      totalCount: 1,
      nodes: [
        {
          databaseId: comment.id,
          author: { login: "guest" },
          editor: { login: "maya" },
          lastEditedAt: "2024-05-01T10:01:00Z",
        },
      ],
    },
  });
});

test("issues and pull requests are found by their kind, or by number alone, several in one question", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await scene.ask("POST", "issues", { body: { title: "One" } });
  await clone.push("work", { "a.txt": "a\n" });
  await scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  await scene.ask("PATCH", "pulls/2", { body: { body: "changed" }, token: scene.robot });
  const query = `query ($pull: Int!) { repository(owner: "maya", name: "demo") {
    pullRequest(number: $pull) { number editor { login } author { login } }
    first: issueOrPullRequest(number: 1) { __typename }
    second: issueOrPullRequest(number: 2) { __typename ... on PullRequest { isDraft state } }
  } }`;
  const answer = await ask(scene, query, { variables: { pull: 2 }, path: "/api/v3/graphql" });
  expect(answer.body).toEqual({
    data: {
      repository: {
        pullRequest: { number: 2, editor: { login: "robot" }, author: { login: "maya" } },
        first: { __typename: "Issue" },
        second: { __typename: "PullRequest", isDraft: false, state: "OPEN" },
      },
    },
  });
});

test("a pull request becomes a draft and ready again, which its timeline tells", async () => {
  const scene = await startScene();
  const clone = await cloneScene(scene);
  await clone.push("work", { "a.txt": "a\n" });
  const { body: pull } = await scene.ask("POST", "pulls", { body: { title: "Work", head: "work", base: "main" } });
  const change = (name: string, token?: string) =>
    ask(scene, `mutation { ${name}(input: { pullRequestId: "${pull.node_id}" }) { pullRequest { isDraft } } }`, {
      ...(token ? { token } : {}),
    });
  expect((await change("convertPullRequestToDraft", scene.guest)).body.errors).toMatchObject([{ type: "FORBIDDEN" }]);
  expect((await change("convertPullRequestToDraft")).body.data.convertPullRequestToDraft.pullRequest.isDraft).toBe(
    true,
  );
  expect((await scene.ask("GET", "pulls/1")).body.draft).toBe(true);
  expect((await change("markPullRequestReadyForReview", scene.robot)).body.errors).toBeUndefined();
  const events = (await scene.ask("GET", "issues/1/timeline")).body;
  expect(events.slice(1)).toMatchObject([
    { event: "convert_to_draft", actor: { login: "maya" } },
    { event: "ready_for_review", actor: { login: "robot" } },
  ]);
});

test("a bad question is answered 200 with errors in GitHub's shape, one without a token is refused", async () => {
  const scene = await startScene();
  const broken = await ask(scene, "{ repository(");
  expect(broken).toMatchObject({ status: 200, body: { errors: [{ message: expect.stringMatching(/Syntax Error/) }] } });
  const unknown = await ask(scene, inDemo("nothing"));
  expect(unknown).toMatchObject({ status: 200, body: { errors: [{ message: expect.stringMatching(/"nothing"/) }] } });
  const missing = await ask(scene, inDemo("issue(number: 7) { number }"));
  expect(missing).toMatchObject({
    status: 200,
    body: { data: { repository: { issue: null } }, errors: [{ type: "NOT_FOUND", path: ["repository", "issue"] }] },
  });
  const hidden = await ask(scene, `{ repository(owner: "maya", name: "demo") { id } }`, {
    token: scene.forge.createToken({ login: stranger(scene) }),
  });
  expect(hidden.body).toMatchObject({ data: { repository: null }, errors: [{ type: "NOT_FOUND" }] });
  expect((await ask(scene, "{ viewer { login } }", { token: null })).status).toBe(401);
});

function stranger(scene: Scene): string {
  scene.forge.createUser({ login: "stranger" });
  return "stranger";
}

test("questions are charged to a limit of their own, and count as reads", async () => {
  const scene = await startScene();
  scene.forge.setRateLimit("graphql", 2);
  const first = await ask(scene, "{ viewer { login } rateLimit { limit remaining } }");
  expect(first.headers.get("x-ratelimit-resource")).toBe("graphql");
  expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
  await ask(scene, "{ viewer { login } }");
  const over = await ask(scene, "{ viewer { login } }");
  expect(over).toMatchObject({ status: 200, body: { errors: [{ type: "RATE_LIMITED" }] } });
  expect((await scene.ask("GET", "/rate_limit")).body.resources.graphql).toMatchObject({ limit: 2, remaining: 0 });
  expect(scene.forge.counters()).toMatchObject({
    requests: 4,
    metered: 2,
    meteredBy: { graphql: 2, core: 0 },
    writes: 0,
    byRoute: { "POST /graphql": 3 },
  });
});
