// docs/openapi.json: the whole API of the dashboard, with the shapes of its answers from the types of the code.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { schemasOfTypes } from "./json-schema-of-types.mjs";
import { operations } from "./paths.mjs";

/** In which file each type stands that an operation names. */
const places = {
  Snapshot: "snapshot/build-snapshot.ts",
  StateAnswer: "server/state-body.ts",
  ProfileAnswer: "documents/profile-document.ts",
  ItemDocument: "documents/item-document.ts",
  SessionDocument: "documents/session-document.ts",
  SessionDiff: "documents/item-document.ts",
  FlowDocument: "documents/flow-document.ts",
  Series: "documents/series.ts",
  Me: "server/access/me.ts",
  Refreshed: "server/refresh.ts",
  ErrorEnvelope: "server/answers.ts",
};

/** The text of docs/openapi.json, as it should stand there. */
export function openapiText(root) {
  const source = join(root, "packages/dashboard/src");
  const files = Object.fromEntries(Object.entries(places).map(([name, file]) => [name, join(source, file)]));
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  // No answer is made of types of Node's.
  const { schemas, add } = schemasOfTypes(new Set(Object.values(files)), { ...options, types: [] });
  const refs = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, add(file, name)]));
  const paths = {};
  for (const each of operations) {
    paths[each.path] ??= {};
    paths[each.path][each.method] = operationObject(each, refs);
  }
  const { version } = JSON.parse(readFileSync(join(root, "packages/cli/package.json"), "utf8"));
  const document = {
    openapi: "3.1.0",
    info: {
      title: "agent-control-plane dashboard",
      version,
      license: { name: "MIT", identifier: "MIT" },
      description:
        "What `acp dashboard` answers. Fields are only added, never renamed or removed, within a major version. Titles, comments, branches and logs are text of others: show them as text. A request that cannot be read, or names no host, is answered 400 `bad-request`.",
    },
    servers: [{ url: "http://127.0.0.1:8765" }],
    security: [{}, { cookie: [] }, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        cookie: {
          type: "apiKey",
          in: "cookie",
          name: "acp_dashboard_8765",
          description: "of /login; named by the port",
        },
        bearer: { type: "http", scheme: "bearer", description: "the token of --bearer-file; it only looks" },
      },
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
    },
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function operationObject({ method, path, summary, parameters, body, answers, errors }, refs) {
  const responses = {};
  for (const [status, answer] of Object.entries(answers)) responses[status] = answerObject(summary, answer, refs);
  for (const [status, codes] of Object.entries(errors))
    responses[status] = {
      description: codes.map((code) => `\`${code}\``).join(", "),
      content: { "application/json": { schema: refs.ErrorEnvelope } },
    };
  return {
    operationId: `${method}${path.replaceAll(/[^a-z0-9]+([a-z0-9])?/gi, (_, letter) => letter?.toUpperCase() ?? "")}`,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: { "application/json": { schema: body } } } } : {}),
    responses,
  };
}

function answerObject(description, { type, json, content }, refs) {
  if (content) return { description, content: { [content]: { schema: { type: "string" } } } };
  return { description, content: { "application/json": { schema: type ? refs[type] : json } } };
}
