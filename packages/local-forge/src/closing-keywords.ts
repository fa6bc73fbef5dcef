/** Pure: the numbers of the issues a text closes with GitHub's keywords, `fixes #12` or `closes owner/name#12`. */
export function closingKeywords(text: string, repository: { owner: string; name: string }): readonly number[] {
  const slug = `${repository.owner}/${repository.name}`.toLowerCase();
  const found = [...text.matchAll(keyword)].filter(([, named]) => named === undefined || named.toLowerCase() === slug);
  return [...new Set(found.map((match) => Number(match[2])))];
}

const keyword = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+([\w.-]+\/[\w.-]+)?#(\d+)\b/gi;
