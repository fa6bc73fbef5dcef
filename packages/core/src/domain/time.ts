/** A moment: integer milliseconds since the Unix epoch. Every stored instant has this shape. */
export type Instant = number;

/** A duration in milliseconds. */
export type Millis = number;
