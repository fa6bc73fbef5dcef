import { type SecretScanner, secretValues } from "@agent-control-plane/core";

type Match = Awaited<ReturnType<SecretScanner["find"]>>[number];

/**
 * Looks for secrets with secretlint's recommended rules, for shapes of keys those leave out, and for every secret this
 * process has read. The rules are loaded with the first text that is looked at: a daemon without work never has them.
 */
export function createSecretScanner(known: () => readonly string[] = secretValues): SecretScanner {
  let rules: Promise<(text: string) => Promise<readonly Match[]>> | null = null;
  return {
    async find(text) {
      if (text.trim() === "") return [];
      rules ??= loadRules();
      return [...knownIn(text, known()), ...shapesIn(text), ...(await (await rules)(text))];
    },
  };
}

async function loadRules(): Promise<(text: string) => Promise<readonly Match[]>> {
  const { lintSource, rule } = await import("./secretlint-rules.ts");
  const config = { rules: [{ id: "preset", rule }] };
  return async (text) => {
    // A text that could switch rules off would be read as it is written by those who want them off.
    const content = text.replaceAll(/secretlint/gi, "-".repeat("secretlint".length));
    const source = { content, filePath: "text.txt", ext: ".txt", contentType: "text" as const };
    const { messages } = await lintSource({ source, options: { config, maskSecrets: true } });
    return messages.flatMap(({ range: [start, end], messageId, ruleId }) =>
      isExample(text.slice(start, end))
        ? []
        : [{ start, end, kind: `${messageId} (${ruleId.replace(/^.*rule-/, "")})` }],
    );
  };
}

/** A connection to this very machine, or to a place that exists in examples only, gives nothing away. */
const isExample = (found: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\/[^@\s]*@(localhost|127\.0\.0\.1|\[::1\]|([\w-]+\.)*(example\.(com|org|net)|example|test|invalid|localhost))([:/?#]|$)/i.test(
    found,
  );

function knownIn(text: string, values: readonly string[]): readonly Match[] {
  return values.flatMap((value) =>
    placesOf(text, value).map((start) => ({ start, end: start + value.length, kind: known })),
  );
}

const known = "a secret of this profile";

function placesOf(text: string, value: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(value); at >= 0 && value !== ""; at = text.indexOf(value, at + value.length))
    places.push(at);
  return places;
}

/** Shapes that the recommended rules leave out, each narrow enough to be nothing else. */
const shapes: readonly (readonly [kind: string, shape: RegExp])[] = [
  ["AWS access key id", /\b(?:AKIA|ASIA)(?![A-Z0-9]*EXAMPLE)[A-Z2-7]{16}\b/g],
  ["Google API key", /\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])/g],
  ["Stripe key", /\b[rs]k_live_[0-9A-Za-z]{20,200}\b/g],
  ["OpenAI key", /\bsk-(?:proj|svcacct|admin)-[0-9A-Za-z_-]{40,300}(?![0-9A-Za-z_-])/g],
  ["GitLab token", /\bglpat-[0-9A-Za-z_-]{20,60}(?![0-9A-Za-z_-])/g],
];

const shapesIn = (text: string): readonly Match[] =>
  shapes.flatMap(([kind, shape]) =>
    [...text.matchAll(shape)].map(({ index, 0: found }) => ({ start: index, end: index + found.length, kind })),
  );
