/** Text from anywhere inside Markdown: shown as it is, on one line, as no mark-up, link or HTML. */
export function markdownText(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~@]/g, (one) => `\\${one}`)
    .replaceAll(/\b(https?|ftp|mailto):/gi, '$1&#58;')
    .replaceAll(/\bwww\./gi, 'www&#46;');
}
