import { readFileSync } from "node:fs";
import { findOperation, type Operation } from "./find-operation.ts";
import { strictRequestSchema } from "./strict-request-schema.ts";
import { loosenSchemas } from "./stricter-than-github.ts";
import { createValidation, type Validation } from "./validation.ts";

export interface ContractRequest {
  readonly method: string;
  /** With or without `/api/v3` before it, without the query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface ContractResponse {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Undefined when there was none, text when it was not JSON. */
  readonly body?: unknown;
}

/**
 * Holds requests and responses against GitHub's published description. Every answer is a list of problems in words,
 * empty when all is well. An operation outside the extract is a problem: add it to the extraction script.
 */
export interface ContractChecker {
  readonly version: string;
  /** `GET /repos/{owner}/{repo}/issues` and so on: what the extract holds. */
  readonly operations: readonly string[];
  /** The name above of a request's operation, null when it belongs to none. */
  operationOf(request: { method: string; path: string }): string | null;
  checkRequest(request: ContractRequest): string[];
  checkResponse(response: ContractResponse): string[];
}

interface Extract {
  readonly version: string;
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, unknown>>;
}

export function createContractChecker(): ContractChecker {
  const file = new URL("./openapi-extract.json", import.meta.url);
  const { version, operations, schemas } = JSON.parse(readFileSync(file, "utf8")) as Extract;
  const validation = createValidation(loosenSchemas(schemas));
  return {
    version,
    operations: operations.map(operationName),
    operationOf: ({ method, path }) => {
      const operation = findOperation(operations, method, path);
      return operation ? operationName(operation) : null;
    },
    checkRequest: (request) => {
      const operation = findOperation(operations, request.method, request.path);
      if (!operation) return [unknownOperation(request)];
      const problems = [
        ...checkQuery(validation, operation, request.query ?? {}),
        ...checkBody(validation, operation, request.body),
      ];
      return problems.map((problem) => `${request.method} ${request.path}: ${problem}`);
    },
    checkResponse: (response) => {
      const operation = findOperation(operations, response.method, response.path);
      // GitHub answers 404 for paths it does not have, so a refusal proves nothing about the path.
      if (!operation) return response.status >= 400 ? [] : [unknownOperation(response)];
      const problems = checkAnswer(validation, operation, response);
      return problems.map((problem) => `${response.method} ${response.path} answered ${response.status}: ${problem}`);
    },
  };
}

function operationName({ method, path }: Operation): string {
  return `${method.toUpperCase()} ${path}`;
}

function unknownOperation({ method, path }: { method: string; path: string }): string {
  return `${method} ${path} is not an operation of the extract (scripts/extract-github-openapi.mjs)`;
}

function checkQuery(validation: Validation, operation: Operation, query: Readonly<Record<string, string>>): string[] {
  const known = new Map(operation.query.map((parameter) => [parameter.name, parameter]));
  const given = Object.entries(query).flatMap(([name, value]) => {
    const parameter = known.get(name);
    if (!parameter) return [`unknown query field "${name}"`];
    const problems = validation.problems(`${operation.id}?${name}`, parameter.schema, fromText(value));
    // A text such as `12` may be meant as a text.
    return problems.length > 0 ? validation.problems(`${operation.id}?${name}`, parameter.schema, value) : [];
  });
  const missing = operation.query.filter(({ name, required }) => required && query[name] === undefined);
  return [...given, ...missing.map(({ name }) => `query field "${name}" is missing`)];
}

function fromText(value: string): unknown {
  if (/^-?\d+$/.test(value)) return Number(value);
  return value === "true" ? true : value === "false" ? false : value;
}

function checkBody(validation: Validation, operation: Operation, body: unknown): string[] {
  if (operation.body === null) return body === undefined ? [] : ["sends a body, the operation takes none"];
  if (body === undefined) return [];
  return validation.problems(`${operation.id} request`, strictRequestSchema(operation.body), body);
}

function checkAnswer(validation: Validation, operation: Operation, { status, body }: ContractResponse): string[] {
  if (status === 204 || status === 304) return body === undefined ? [] : ["has a body"];
  if (status === 200 && typeof body === "string" && otherMedia.has(operation.id)) return [];
  const schema = operation.responses[String(status)];
  if (schema) return validation.problems(`${operation.id} ${status}`, schema, body);
  if (status < 400) return schema === undefined ? ["is not a status GitHub describes here"] : [];
  return isRefusal(body) || body === undefined || schema === null ? [] : ["is a refusal without a message"];
}

/** These also answer as a diff, a patch or a bare SHA when asked to; the description has no schema for that. */
const otherMedia = new Set(["pulls/get", "repos/get-commit", "repos/compare-commits-with-basehead"]);

/** GitHub refuses in more ways than it describes; they all carry a message. */
function isRefusal(body: unknown): boolean {
  return typeof (body as { message?: unknown } | null)?.message === "string";
}
