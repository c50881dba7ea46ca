/**
 * Characters that a reader cannot see, that reorder or hide what stands beside them, or that command a terminal: controls
 * (terminal escapes among them), format characters (direction marks, joiners, tags), separators of lines, fillers, private
 * ones, and halves of pairs. Signs of Arabic and other scripts that are format characters and yet are seen stay.
 */
const UNSEEN =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}])(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0]|\u034f|\u17b4|\u17b5|[\u180b-\u180f])/gu;
const ORDINARY = /^[\x20-\x7e]*$/;
const ORDINARY_LINES = /^[\x20-\x7e\n\t]*$/;

function codePoint(character: string): string {
  return `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;
}

/**
 * Text from anywhere as part of one line of ours: whatever could not be seen, line ends and tabs included, is shown by its
 * code point. This is the one function at the edge of everything that is printed.
 */
export function visible(text: string): string {
  return ORDINARY.test(text) ? text : text.replace(UNSEEN, codePoint);
}

/** As {@link visible}, for texts that may have lines: line ends and tabs stay. */
export function visibleLines(text: string): string {
  return ORDINARY_LINES.test(text)
    ? text
    : text.replace(/\r\n?/g, '\n').replace(UNSEEN, (one) => (one === '\n' || one === '\t' ? one : codePoint(one)));
}

/** JSON whose texts hold nothing unseen: the same values, with such characters as escapes. */
export function visibleJson(value: unknown, space?: number): string {
  // Outside of texts, JSON has no other such characters than the line ends of its own layout.
  return JSON.stringify(value, null, space).replace(UNSEEN, (one) =>
    one === '\n'
      ? one
      : [...Array(one.length).keys()].map((i) => `\\u${one.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
