// JSON Schema (2020-12) from the types that the server answers with: what the code promises is what the page says.
import ts from "typescript";

/** A moment is a number in the types; its name says what it counts. */
const named = {
  Instant: { type: "integer", description: "milliseconds since the Unix epoch" },
  Millis: { type: "integer", description: "milliseconds" },
};

/** Types by name from these files: `schemas` of all that was asked for and what it is made of. */
export function schemasOfTypes(files, options) {
  const program = ts.createProgram({ rootNames: [...files], options });
  const checker = program.getTypeChecker();
  const schemas = {};

  return { schemas, add };

  /** Adds an exported type of one of the files, under its name. */
  function add(file, name) {
    const source = program.getSourceFile(file);
    const exported = source && checker.getExportsOfModule(checker.getSymbolAtLocation(source));
    const symbol = exported?.find((one) => one.name === name);
    if (!symbol) throw new Error(`${file} exports no type ${name}`);
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    return refTo(name, target, checker.getDeclaredTypeOfSymbol(target));
  }

  function refTo(name, symbol, type) {
    if (!(name in schemas)) {
      schemas[name] = {}; // it may name itself
      schemas[name] = withWords(symbol, type.isUnion() ? unionOf(type.types) : objectOf(type));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function schemaOf(type, node) {
    const written = node?.getText().replace(/^readonly /, "");
    if (written in named) return named[written];
    if (written === "Instant | null") return { ...named.Instant, type: ["integer", "null"] };
    if (written === "Millis | null") return { ...named.Millis, type: ["integer", "null"] };
    const alias = type.aliasSymbol?.name;
    if (alias === "Json") return { description: "any JSON" };
    if (alias === "JsonObject") return { type: "object" };
    if (type.flags & (ts.TypeFlags.Any | ts.TypeFlags.Unknown)) return {};
    if (type.isUnion()) return isOurs(type.aliasSymbol) ? refTo(alias, type.aliasSymbol, type) : unionOf(type.types);
    if (type.isStringLiteral() || type.isNumberLiteral()) return { enum: [type.value] };
    if (type.flags & ts.TypeFlags.BooleanLiteral) return { type: "boolean" };
    if (type.flags & ts.TypeFlags.StringLike) return { type: "string" };
    if (type.flags & ts.TypeFlags.NumberLike) return { type: "number" };
    if (type.flags & ts.TypeFlags.Null) return { type: "null" };
    if (checker.isArrayType(type) || checker.isTupleType(type)) {
      const [item] = checker.getTypeArguments(type);
      return { type: "array", items: item ? schemaOf(item, itemNodeOf(node)) : {} };
    }
    const symbol = type.aliasSymbol ?? type.symbol;
    const isPlain = (type.aliasTypeArguments ?? []).length === 0 && (type.typeArguments ?? []).length === 0;
    const isNamed = isOurs(symbol) && !symbol.name.startsWith("__") && isPlain;
    return isNamed ? refTo(symbol.name, symbol, type) : objectOf(type);
  }

  function unionOf(types) {
    const literals = types.filter((one) => one.isStringLiteral() || one.isNumberLiteral());
    const hasNull = types.some((one) => one.flags & ts.TypeFlags.Null);
    const isBoolean = types.some((one) => one.flags & ts.TypeFlags.BooleanLike);
    const plain = ts.TypeFlags.Null | ts.TypeFlags.BooleanLike | ts.TypeFlags.Undefined;
    const others = types.filter((one) => !literals.includes(one) && !(one.flags & plain));
    const parts = [
      ...(literals.length > 0 ? [{ enum: literals.map((one) => one.value).sort() }] : []),
      ...(isBoolean ? [{ type: "boolean" }] : []),
      ...distinct(others.map((one) => schemaOf(one))),
    ];
    const [only] = parts;
    if (parts.length !== 1 || !hasNull) {
      const all = hasNull ? [...parts, { type: "null" }] : parts;
      return all.length === 1 ? all[0] : { anyOf: all };
    }
    if (Object.keys(only).every((key) => key === "description")) return only;
    if ("enum" in only) return { enum: [...only.enum, null] };
    return typeof only.type === "string" ? { ...only, type: [only.type, "null"] } : { anyOf: [only, { type: "null" }] };
  }

  function objectOf(type) {
    const fields = checker.getPropertiesOfType(type);
    const index = checker.getIndexInfosOfType(type).find(({ keyType }) => keyType.flags & ts.TypeFlags.String);
    const schema = { type: "object" };
    if (fields.length > 0) {
      schema.properties = Object.fromEntries(fields.map((field) => [field.name, fieldOf(field)]));
      const required = fields.filter((field) => !(field.flags & ts.SymbolFlags.Optional)).map(({ name }) => name);
      if (required.length > 0) schema.required = required;
    }
    if (index) schema.additionalProperties = schemaOf(index.type);
    return schema;
  }

  function fieldOf(field) {
    const declaration = field.valueDeclaration ?? field.declarations?.[0];
    const node = declaration && ts.isPropertySignature(declaration) ? declaration.type : undefined;
    const type = declaration ? checker.getTypeOfSymbolAtLocation(field, declaration) : checker.getTypeOfSymbol(field);
    const given = schemaOf(field.flags & ts.SymbolFlags.Optional ? checker.getNonNullableType(type) : type, node);
    return withWords(field, given);
  }

  function withWords(symbol, schema) {
    const words = ts.displayPartsToString(symbol.getDocumentationComment(checker)).replace(/\s+/g, " ").trim();
    return words === "" ? schema : { ...schema, description: words };
  }
}

const isOurs = (symbol) =>
  symbol?.declarations?.some((one) => one.getSourceFile().fileName.includes("/packages/")) ?? false;

const itemNodeOf = (node) => (node && ts.isTypeOperatorNode(node) ? node.type.elementType : node?.elementType);

function distinct(schemas) {
  const texts = schemas.map((schema) => JSON.stringify(schema));
  return schemas.filter((_, at) => texts.indexOf(texts[at]) === at);
}
