type Schemas = Readonly<Record<string, unknown>>;

/** Fields the description says are never null, while GitHub answers null: a schema, and the way to the field in it. */
const nullAtGithub = [
  ["issue-search-result-item", "body"],
  // The repository of a pull request's head is null once the fork it came from is gone.
  ["pull-request-simple", "head", "repo"],
  ["pull-request", "head", "repo"],
] as const;

/** Pure: the schemas with the places corrected where the description is stricter than GitHub. */
export function loosenSchemas(schemas: Schemas): Schemas {
  const loosened: Record<string, unknown> = structuredClone({ ...schemas });
  for (const [name, ...way] of nullAtGithub) allowNull(loosened[name], way, `${name}.${way.join(".")}`);
  return loosened;
}

function allowNull(schema: unknown, [field, ...rest]: readonly string[], name: string): void {
  const properties = (schema as { properties?: Record<string, object> } | undefined)?.properties;
  const described = field === undefined ? undefined : properties?.[field];
  if (!properties || !described) throw new Error(`the extract has no ${name}: drop it from this list`);
  if (rest.length > 0) allowNull(described, rest, name);
  else properties[field as string] = { anyOf: [described, { type: "null" }] };
}
