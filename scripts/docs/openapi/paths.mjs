// Every request that the dashboard answers: what it takes, and what it may answer. `test/dashboard/openapi` asks each.

const text = { type: "string" };
const inPath = (name, description, schema = text) => ({ name, in: "path", required: true, description, schema });
const inQuery = (name, description, schema = text) => ({ name, in: "query", description, schema });

const session = inPath("id", "a session, for example s12-0a1b2c3d");
const lastEvent = { name: "last-event-id", in: "header", description: "the id of the last frame", schema: text };
const range = { name: "range", in: "header", description: "bytes=<first>-<last>, or bytes=-<count>", schema: text };

/** `answers`: of each status the type of its JSON, or the kind of another content. `errors`: the codes of each status. */
export const operations = [
  get("/healthz", "That the server answers", { answers: { 200: { json: { type: "object" } } } }),
  get("/metrics", "Numbers for Prometheus", { answers: { 200: { content: "text/plain" } } }),
  get("/api/snapshot.json", "Everything at once, with the field names of the reference's dashboard", {
    answers: { 200: { type: "Snapshot" } },
  }),
  get("/api/v1/openapi.json", "This document", { answers: { 200: { json: { type: "object" } } } }),
  get("/api/v1/state", "Everything that is followed, by key", { answers: { 200: { type: "StateAnswer" } } }),
  get("/api/v1/events", "Server-sent events: `state` with everything, then a `change` for what changes", {
    parameters: [lastEvent, inQuery("after", "as last-event-id, where no header can be set")],
    answers: { 200: { content: "text/event-stream" } },
  }),
  get("/api/v1/profiles/{id}", "One profile", {
    parameters: [inPath("id", "its id")],
    answers: { 200: { type: "ProfileAnswer" } },
    errors: { 404: ["unknown-profile"] },
  }),
  get("/api/v1/items/{id}", "All that is known of one issue or pull request", {
    parameters: [inPath("id", "<profile>:issue:<number> or <profile>:pr:<number>")],
    answers: { 200: { type: "ItemDocument" } },
    errors: { 400: ["bad-item"], 404: ["unknown-item"] },
  }),
  get("/api/v1/sessions/{id}", "One session", {
    parameters: [session],
    answers: { 200: { type: "SessionDocument" } },
    errors: { 404: ["unknown-session"] },
  }),
  get("/api/v1/sessions/{id}/diff", "What a session changed; hostile text", {
    parameters: [session],
    answers: { 200: { type: "SessionDiff" } },
    errors: { 404: ["no-diff"] },
  }),
  get(
    "/api/v1/sessions/{id}/log",
    "The end of a session's log, or the range of bytes that is asked for; hostile text",
    {
      parameters: [session, inQuery("of", "which; default events", { enum: ["events", "output"] }), range],
      answers: { 200: { content: "text/plain" }, 206: { content: "text/plain" } },
      errors: { 400: ["bad-query"], 404: ["no-log"], 416: ["bad-range"] },
    },
  ),
  get("/api/v1/flows/{id}", "One flow with its tasks and open questions", {
    parameters: [inPath("id", "its id")],
    answers: { 200: { type: "FlowDocument" } },
    errors: { 404: ["unknown-flow"] },
  }),
  get("/api/v1/series", "How it went over time; columns of equal length", {
    parameters: [
      inQuery("hours", "how far back; default 24", { type: "integer", minimum: 1, maximum: 720 }),
      inQuery("profile", "of one profile; default all together"),
    ],
    answers: { 200: { type: "Series" } },
    errors: { 400: ["bad-query"] },
  }),
  get("/api/v1/me", "Who asks, and what they may do", { answers: { 200: { type: "Me" } } }),
  get("/login", "Logs a browser in, once", {
    parameters: [inQuery("token", "of the address that the dashboard printed")],
    answers: { 200: { content: "text/html" } },
  }),
  post("/api/v1/logout", "Ends this login", {
    answers: {
      200: { json: { type: "object", required: ["status"], properties: { status: { enum: ["logged-out"] } } } },
    },
  }),
  post("/api/v1/refresh", "Reads everything anew; who may act has the runtimes look at GitHub now, too", {
    body: { type: "object", properties: { profile: { ...text, description: "one profile; default all" } } },
    answers: { 200: { type: "Refreshed" } },
    errors: { 400: ["bad-body"], 404: ["not-there"], 409: ["refused"], 429: ["too-soon"] },
  }),
  post("/api/v1/acts/{name}", "Does what the command of this name does; only with `acp dashboard --actions`", {
    parameters: [inPath("name", "one of `acts.names` of /api/v1/me")],
    body: { type: "object", description: "as the act wants it, see docs/dashboard-acts.md" },
    answers: { 200: { json: actAnswer() } },
    errors: { 400: ["bad-body"], 403: ["acts-off"], 404: ["unknown-act", "not-there"], 409: ["refused"] },
  }),
];

function actAnswer() {
  const properties = { act: text, status: text, message: text, result: {} };
  return { type: "object", required: Object.keys(properties), properties };
}

function get(path, summary, more) {
  const errors = { 401: ["token-needed"], 403: ["wrong-host", "cross-origin"], 500: ["internal"] };
  return operation("get", path, summary, more, errors);
}

function post(path, summary, more) {
  const forbidden = ["wrong-host", "cross-origin", "csrf-missing"];
  const ofBody = more.body ? { 408: ["too-slow"], 413: ["too-large"], 415: ["wrong-type"] } : {};
  const csrf = { name: "x-acp-csrf", in: "header", description: "`csrf` of /api/v1/me", schema: text };
  const parameters = [...(more.parameters ?? []), csrf];
  const errors = { 401: ["token-needed"], 403: forbidden, ...ofBody, 500: ["internal"] };
  return operation("post", path, summary, { ...more, parameters }, errors);
}

function operation(method, path, summary, { parameters = [], body, answers, errors = {} }, usual) {
  const all = { ...usual };
  for (const [status, codes] of Object.entries(errors)) all[status] = [...(all[status] ?? []), ...codes];
  return { method, path, summary, parameters, body, answers, errors: all };
}
