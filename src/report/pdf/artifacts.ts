/** Operators that begin or extend a path, and those that paint one (ISO 32000-1, tables 59 and 60). */
const CONSTRUCTS = new Set(['m', 'l', 'c', 'v', 'y', 'h', 're']);
const PAINTS = new Set(['S', 's', 'f', 'F', 'f*', 'B', 'B*', 'b', 'b*']);
/** A string, a hexadecimal string, a name, a number, a bracket, or an operator. */
const TOKEN = /\((?:[^()\\]|\\[\s\S])*\)|<<|>>|<[\dA-Fa-f\s]*>|\/[^\s()<>[\]{}/%]*|[[\]]|[-+.\d]+|[A-Za-z'"][\w'"*]*/g;
const MARKS = /(?<![\w/])(?:BDC|BMC|EMC)(?!\w)/g;

/**
 * Marks what a page paints outside of tagged content as an artifact: running heads, folios, rules. Tagged content is left
 * as it is (ISO 14289-1, 7.1).
 * @param content a page's content stream, as Latin-1
 */
export function markArtifacts(content: string): string {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (const { 0: mark, index } of content.matchAll(MARKS)) {
    if (mark === 'EMC') {
      depth -= 1;
      if (depth > 0) continue;
      parts.push(content.slice(from, index + mark.length));
      from = index + mark.length;
    } else {
      if (depth === 0) {
        // The tag and properties that belong to the operator stay with it.
        const start = content.lastIndexOf('/', mark === 'BDC' ? content.lastIndexOf('<<', index) - 1 : index);
        parts.push(wrapPainting(content.slice(from, start)));
        from = start;
      }
      depth += 1;
    }
  }
  parts.push(depth > 0 ? content.slice(from) : wrapPainting(content.slice(from)));
  return parts.join('');
}

/** Wraps every text, path, shading and image of a piece of content that has no marks. */
function wrapPainting(content: string): string {
  if (content.trim() === '') return content;
  const spans: [start: number, end: number][] = [];
  let operandsFrom = -1;
  let pathFrom = -1;
  let textFrom = -1;
  for (const { 0: token, index } of content.matchAll(TOKEN)) {
    if (!/^[A-Za-z'"]/.test(token)) {
      if (operandsFrom === -1) operandsFrom = index;
      continue;
    }
    const start = operandsFrom === -1 ? index : operandsFrom;
    const end = index + token.length;
    operandsFrom = -1;
    if (token === 'BT') textFrom = index;
    else if (token === 'ET' && textFrom !== -1) {
      spans.push([textFrom, end]);
      textFrom = -1;
    } else if (textFrom !== -1) continue;
    else if (CONSTRUCTS.has(token)) pathFrom = pathFrom === -1 ? start : pathFrom;
    else if (PAINTS.has(token)) {
      spans.push([pathFrom === -1 ? start : pathFrom, end]);
      pathFrom = -1;
    } else if (token === 'n') pathFrom = -1;
    else if (token === 'sh' || token === 'Do') spans.push([start, end]);
  }
  let from = 0;
  const parts: string[] = [];
  for (const [start, end] of spans) {
    parts.push(content.slice(from, start), '/Artifact BMC\n', content.slice(start, end), '\nEMC');
    from = end;
  }
  parts.push(content.slice(from));
  return parts.join('');
}
