/** Pure. A page of a sentence, of our own words only: nothing that came with a request is ever in it. */
export const plainPage = (title: string, text: string, head = ""): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg">${head}` +
  `<title>${title}: agent-control-plane</title></head><body><main><h1>${title}</h1><p>${text}</p></main></body></html>`;
