type Schemas = Readonly<Record<string, unknown>>;

/** Fields the description says are never null, while GitHub answers null: `[schema, field]`. */
const nullAtGithub = [["issue-search-result-item", "body"]] as const;

/** Pure: the schemas with the places corrected where the description is stricter than GitHub. */
export function loosenSchemas(schemas: Schemas): Schemas {
  const loosened: Record<string, unknown> = structuredClone({ ...schemas });
  for (const [name, field] of nullAtGithub) {
    const properties = (loosened[name] as { properties?: Record<string, object> } | undefined)?.properties;
    const described = properties?.[field];
    if (!properties || !described) throw new Error(`the extract has no ${name}.${field}: drop it from this list`);
    properties[field] = { anyOf: [described, { type: "null" }] };
  }
  return loosened;
}
