import { useEffect, useState } from "preact/hooks";

/** One value that parts of the page far from each other know of. */
export class Told<T> {
  #value: T;
  readonly #listeners = new Set<(value: T) => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  tell(value: T): void {
    this.#value = value;
    for (const listener of [...this.#listeners]) listener(value);
  }

  listen(listener: (value: T) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

export function useTold<T>(told: Told<T>): T {
  const [value, setValue] = useState(told.value);
  useEffect(() => {
    setValue(() => told.value);
    return told.listen((now) => setValue(() => now));
  }, [told]);
  return value;
}
