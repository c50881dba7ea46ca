/** Escapes text for SVG and HTML content and attributes. */
function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A drawing with the sentence that says what it shows, for those who do not see it. */
export function drawing(width: number, height: number, alternative: string, body: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeMarkup(alternative)}">${body}</svg>`;
}

/** Two decimals are finer than any printer and keep files the same everywhere. */
export function coordinate(value: number): string {
  return Number(value.toFixed(2)).toString();
}

export function label(
  x: number,
  y: number,
  text: string,
  options: { anchor?: 'start' | 'middle' | 'end'; css?: string; rotate?: number } = {},
): string {
  const turn =
    options.rotate === undefined ? '' : ` transform="rotate(${options.rotate} ${coordinate(x)} ${coordinate(y)})"`;
  return `<text x="${coordinate(x)}" y="${coordinate(y)}" text-anchor="${options.anchor ?? 'start'}" class="${options.css ?? 'tick'}"${turn}>${escapeMarkup(text)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, css: string): string {
  return `<line x1="${coordinate(x1)}" y1="${coordinate(y1)}" x2="${coordinate(x2)}" y2="${coordinate(y2)}" class="${css}"/>`;
}

/** So many points of a curve say their values. */
const MOST_POINTS = 60;

/** Points of a curve that say their values to whoever points at them, evenly picked where there are too many. */
export function hitPoints(points: readonly { x: number; y: number; text: string }[]): string[] {
  const step = Math.max(1, points.length / MOST_POINTS);
  const picked = new Set<number>();
  for (let at = 0; at < points.length; at += step) picked.add(Math.floor(at));
  if (points.length > 0) picked.add(points.length - 1);
  return [...picked].flatMap((index) => {
    const point = points[index];
    return point
      ? [
          `<circle class="hit" cx="${coordinate(point.x)}" cy="${coordinate(point.y)}" r="7" data-say="${escapeMarkup(point.text)}"/>`,
        ]
      : [];
  });
}

/** A part of a drawing that says its value to whoever points at it. */
export function hitArea(x: number, y: number, width: number, height: number, text: string): string {
  return `<rect class="hit" x="${coordinate(x)}" y="${coordinate(y)}" width="${coordinate(width)}" height="${coordinate(height)}" data-say="${escapeMarkup(text)}"/>`;
}
