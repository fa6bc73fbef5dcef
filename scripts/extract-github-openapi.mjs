// Extracts the GitHub operations this product uses, with their schemas, from GitHub's published OpenAPI description.
// Run by hand when the list or the version changes: the package is 385 MB unpacked, so it is never a dependency.
//   node scripts/extract-github-openapi.mjs
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const version = "23.0.2";
const repo = "/repos/{owner}/{repo}";
const operations = [
  ["get", "/user"],
  ["get", "/rate_limit"],
  ["get", "/search/issues"],
  ["get,delete", repo],
  ["get,post", `${repo}/forks`],
  ["get", `${repo}/collaborators/{username}/permission`],
  ["get,post", `${repo}/issues`],
  ["get,patch", `${repo}/issues/{issue_number}`],
  ["get,post", `${repo}/issues/{issue_number}/comments`],
  ["get,patch,delete", `${repo}/issues/comments/{comment_id}`],
  ["get", `${repo}/issues/comments`],
  ["get", `${repo}/issues/{issue_number}/events`],
  ["get", `${repo}/issues/{issue_number}/timeline`],
  ["get,post", `${repo}/issues/{issue_number}/dependencies/blocked_by`],
  ["delete", `${repo}/issues/{issue_number}/dependencies/blocked_by/{issue_id}`],
  ["get", `${repo}/issues/{issue_number}/dependencies/blocking`],
  ["get,post", `${repo}/issues/{issue_number}/sub_issues`],
  ["delete", `${repo}/issues/{issue_number}/sub_issue`],
  ["get,post,put,delete", `${repo}/issues/{issue_number}/labels`],
  ["delete", `${repo}/issues/{issue_number}/labels/{name}`],
  ["get,post", `${repo}/labels`],
  ["get,patch,delete", `${repo}/labels/{name}`],
  ["get,post", `${repo}/pulls`],
  ["get,patch", `${repo}/pulls/{pull_number}`],
  ["get", `${repo}/pulls/{pull_number}/files`],
  ["get", `${repo}/pulls/{pull_number}/commits`],
  ["get,put", `${repo}/pulls/{pull_number}/merge`],
  ["get,post", `${repo}/pulls/{pull_number}/reviews`],
  ["get,post", `${repo}/pulls/{pull_number}/comments`],
  ["post", `${repo}/pulls/{pull_number}/comments/{comment_id}/replies`],
  ["get,post,delete", `${repo}/pulls/{pull_number}/requested_reviewers`],
  ["get", `${repo}/commits/{ref}`],
  ["get", `${repo}/commits/{ref}/status`],
  ["get", `${repo}/commits/{ref}/statuses`],
  ["get", `${repo}/commits/{ref}/check-runs`],
  ["post", `${repo}/statuses/{sha}`],
  ["get", `${repo}/commits/{ref}/check-suites`],
  ["post", `${repo}/check-runs`],
  ["get,patch", `${repo}/check-runs/{check_run_id}`],
  ["get", `${repo}/check-runs/{check_run_id}/annotations`],
  ["get", `${repo}/actions/runs`],
  ["get", `${repo}/actions/runs/{run_id}`],
  ["post", `${repo}/actions/runs/{run_id}/rerun`],
  ["post", `${repo}/actions/runs/{run_id}/rerun-failed-jobs`],
  ["get", `${repo}/actions/jobs/{job_id}/logs`],
  ["get", `${repo}/branches`],
  ["get", `${repo}/branches/{branch}`],
  ["get", `${repo}/git/ref/{ref}`],
  ["delete", `${repo}/git/refs/{ref}`],
  ["get", `${repo}/compare/{basehead}`],
];

const dropped = new Set(["description", "example", "examples", "title", "externalDocs", "deprecated", "nullable"]);
const target = fileURLToPath(new URL("../packages/testkit/src/github-contract/openapi-extract.json", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "github-openapi-"));
try {
  const document = fetchDocument(folder);
  const extract = extractOperations(document);
  writeFileSync(target, `${JSON.stringify(extract)}\n`);
  console.log(`${target}: ${extract.operations.length} operations, ${Object.keys(extract.schemas).length} schemas`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function fetchDocument(cwd) {
  execFileSync("npm", ["pack", `@octokit/openapi@${version}`, "--silent"], { cwd, stdio: "ignore" });
  const file = "package/generated/api.github.com.json";
  execFileSync("tar", ["-xzf", `octokit-openapi-${version}.tgz`, file], { cwd });
  return JSON.parse(readFileSync(join(cwd, file), "utf8"));
}

function extractOperations(document) {
  const schemas = {};
  const keep = (schema) => {
    for (const name of referencedSchemas(schema)) {
      if (name in schemas) continue;
      schemas[name] = null; // marks it as seen: schemas refer to each other in circles
      schemas[name] = keep(convertSchema(document.components.schemas[name]));
    }
    return schema;
  };
  const wanted = operations.flatMap(([methods, path]) => methods.split(",").map((method) => ({ method, path })));
  const extracted = wanted.map(({ method, path }) => {
    const operation = document.paths[path]?.[method];
    if (!operation) throw new Error(`${method} ${path} is not in @octokit/openapi ${version}: correct the list`);
    return describeOperation(document, method, path, operation, (schema) => keep(convertSchema(schema)));
  });
  return { source: "@octokit/openapi", version, operations: extracted, schemas };
}

function describeOperation(document, method, path, operation, convert) {
  const resolve = (thing) => (thing.$ref ? lookUp(document, thing.$ref) : thing);
  const query = (operation.parameters ?? [])
    .map(resolve)
    .filter((parameter) => parameter.in === "query")
    .map(({ name, required, schema }) => ({ name, required: required === true, schema: convert(schema) }));
  const body = operation.requestBody && resolve(operation.requestBody).content["application/json"];
  const responses = {};
  for (const [status, answer] of Object.entries(operation.responses)) {
    const content = resolve(answer).content ?? {};
    const json = Object.entries(content).find(([type]) => /json/.test(type))?.[1];
    responses[status] = json?.schema ? convert(json.schema) : null;
  }
  return { id: operation.operationId, method, path, query, body: body ? convert(body.schema) : null, responses };
}

function lookUp(document, pointer) {
  return pointer
    .slice(2)
    .split("/")
    .reduce((at, key) => at[key], document);
}

/** OpenAPI 3.0 to JSON Schema: no prose, `nullable` as a type, references to `#/schemas/<name>`. */
function convertSchema(schema) {
  if (Array.isArray(schema)) return schema.map(convertSchema);
  if (schema === null || typeof schema !== "object") return schema;
  if (typeof schema.$ref === "string") return { $ref: schema.$ref.replace("#/components/schemas/", "#/schemas/") };
  const converted = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") converted.properties = mapValues(value, convertSchema);
    else if (key === "enum" || key === "required" || key === "default") converted[key] = value;
    else if (!dropped.has(key) && !key.startsWith("x-")) converted[key] = convertSchema(value);
  }
  return schema.nullable === true ? allowNull(converted) : converted;
}

function allowNull(schema) {
  if (schema.enum && !schema.enum.includes(null)) schema.enum = [...schema.enum, null];
  if (typeof schema.type === "string") return { ...schema, type: [schema.type, "null"] };
  return { anyOf: [schema, { type: "null" }] };
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function referencedSchemas(schema) {
  return [...JSON.stringify(schema).matchAll(/"#\/schemas\/([^"]+)"/g)].map((match) => match[1]);
}
