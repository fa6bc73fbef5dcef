/** Pure. At most `most` of the numbers from 0 to `count - 1`, evenly, the newest first, the first and the last among them. */
export function sampled(count: number, most: number): readonly number[] {
  const wanted = Math.min(count, most);
  return Array.from({ length: wanted }, (_, n) =>
    wanted === 1 ? count - 1 : Math.round(((wanted - 1 - n) * (count - 1)) / (wanted - 1)),
  );
}
