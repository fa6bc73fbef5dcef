import { all, type Operation, type Value } from "./statement.ts";

/** Collects the conditions of a list; each shape of filter becomes one constant text, which executors keep prepared. */
export class ListQuery {
  readonly #conditions: string[] = [];
  readonly #params: Record<string, Value> = {};

  /** Nothing when `value` is undefined. `condition` names it as `@<name>`. */
  when(condition: string, name: string, value: Value | undefined): this {
    if (value === undefined) return this;
    this.#conditions.push(condition);
    this.#params[name] = value;
    return this;
  }

  whenOneOf(column: string, values: readonly string[] | undefined): this {
    if (values === undefined) return this;
    const names = values.map((value, index) => {
      this.#params[`${column}${index}`] = value;
      return `@${column}${index}`;
    });
    this.#conditions.push(names.length === 0 ? "1 = 0" : `${column} in (${names.join(", ")})`);
    return this;
  }

  and(condition: string): this {
    this.#conditions.push(condition);
    return this;
  }

  /** Rows in ascending `order`; with a limit, the last `limit` of them (`newest`) or the first (`oldest`). */
  *rows<Row>(from: {
    readonly columns: string;
    readonly table: string;
    readonly order: readonly string[];
    readonly keep: "newest" | "oldest";
    readonly limit?: number | undefined;
  }): Operation<readonly Row[]> {
    const where = this.#conditions.length > 0 ? ` where ${this.#conditions.join(" and ")}` : "";
    const backwards = from.limit !== undefined && from.keep === "newest";
    const order = from.order.map((column) => (backwards ? `${column} desc` : column)).join(", ");
    const limit = from.limit === undefined ? "" : " limit @limit";
    const sql = `select ${from.columns} from ${from.table}${where} order by ${order}${limit}`;
    const found = yield* all<Row>(sql, { ...this.#params, ...(from.limit === undefined ? {} : { limit: from.limit }) });
    return backwards ? [...found].reverse() : found;
  }
}
