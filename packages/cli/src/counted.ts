/** Pure. `1 session`, `2 sessions`, `no` never: 0 is `0 sessions`. `many` where an `s` does not make it. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
