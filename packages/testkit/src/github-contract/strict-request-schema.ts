type Schema = Readonly<Record<string, unknown>>;

/** Pure: the same schema, with every field that is not described refused, however deep. */
export function strictRequestSchema(schema: object): object {
  const made = knownStrict.get(schema) ?? closed(schema as Schema);
  knownStrict.set(schema, made);
  return made;
}

const knownStrict = new WeakMap<object, object>();

function closed(schema: Schema): Schema {
  const inner = mapChildren(schema);
  const describesFields = ["properties", "oneOf", "anyOf", "allOf"].some((keyword) => keyword in schema);
  const isOpen = "additionalProperties" in schema && schema.additionalProperties !== true;
  return describesFields && !isOpen ? { ...inner, unevaluatedProperties: false } : inner;
}

/** Branches stay open themselves: what they know counts for the schema that holds them. */
function branch(schema: Schema): Schema {
  return mapChildren(schema);
}

function mapChildren(schema: Schema): Schema {
  const { additionalProperties, ...rest } = schema;
  const made: Record<string, unknown> =
    additionalProperties === undefined || additionalProperties === true ? rest : { ...rest, additionalProperties };
  if (isSchema(schema.properties)) {
    made.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([name, value]) => [name, isSchema(value) ? closed(value) : value]),
    );
  }
  if (isSchema(schema.items)) made.items = closed(schema.items);
  for (const keyword of ["oneOf", "anyOf", "allOf"]) {
    const branches = schema[keyword];
    if (Array.isArray(branches)) made[keyword] = branches.map((one) => (isSchema(one) ? branch(one) : one));
  }
  return made;
}

function isSchema(value: unknown): value is Schema {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
