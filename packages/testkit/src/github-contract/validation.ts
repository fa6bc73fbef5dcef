import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import addFormatsModule, { type FormatsPlugin } from "ajv-formats";

export interface Validation {
  /** Compiles the schema once per `name`. */
  problems(name: string, schema: object, value: unknown): string[];
}

/** `schemas` are what `#/schemas/<name>` in the extract means. */
export function createValidation(schemas: Readonly<Record<string, unknown>>): Validation {
  const ajv = new Ajv2019({ strict: false, allErrors: true, validateSchema: false, logger: false });
  const addFormats = addFormatsModule as unknown as FormatsPlugin;
  addFormats(ajv);
  ajv.addSchema({ $id: "github", schemas });
  const compiled = new Map<string, ValidateFunction>();
  return {
    problems: (name, schema, value) => {
      const validate = compiled.get(name) ?? ajv.compile(rooted(schema));
      compiled.set(name, validate);
      if (value === undefined) return ["there is no body where one is described"];
      return validate(value) ? [] : readable(validate.errors ?? []);
    },
  };
}

function rooted(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/schemas/', '"github#/schemas/')) as object;
}

function readable(errors: readonly ErrorObject[]): string[] {
  const lines = errors.map(({ instancePath, message, params }) => {
    const named = params.additionalProperty ?? params.unevaluatedProperty ?? params.allowedValues;
    return `${instancePath || "body"} ${message}${named === undefined ? "" : ` (${JSON.stringify(named)})`}`;
  });
  return [...new Set(lines)].slice(0, 20);
}
