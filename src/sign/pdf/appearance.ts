import { type PDFContext, PDFName, type PDFRef } from '@cantoo/pdf-lib';

/** What a visible signature says, one line each; drawn in the standard Helvetica, which every reader has. */
export interface SignatureBlock {
  title: string;
  name: string;
  time: string;
  trust: string;
}

const BLOCK = { width: 168, height: 50 };

/** Where the n-th block stands on a page: in rows of three from the lower left corner upwards. */
export function blockRectangle(index: number, pageWidth: number): [number, number, number, number] {
  const columns = Math.max(1, Math.floor((pageWidth - 60) / (BLOCK.width + 8)));
  const x = 34 + (index % columns) * (BLOCK.width + 8);
  const y = 62 + Math.floor(index / columns) * (BLOCK.height + 6);
  return [x, y, x + BLOCK.width, y + BLOCK.height];
}

/** The appearance stream of a block, as a form with its own font. */
export function blockAppearance(context: PDFContext, { title, name, time, trust }: SignatureBlock): PDFRef {
  const font = context.register(
    context.obj({ Type: 'Font', Subtype: 'Type1', BaseFont: 'Helvetica', Encoding: 'WinAnsiEncoding' }),
  );
  const bold = context.register(
    context.obj({ Type: 'Font', Subtype: 'Type1', BaseFont: 'Helvetica-Bold', Encoding: 'WinAnsiEncoding' }),
  );
  const line = (face: string, size: number, y: number, text: string): string =>
    `BT /${face} ${size} Tf 6 ${y} Td (${winAnsi(text, size)}) Tj ET`;
  const content = [
    'q 1 1 1 rg 0.4 w 0.35 G',
    `0.5 0.5 ${BLOCK.width - 1} ${BLOCK.height - 1} re B Q`,
    '0.1 g',
    line('B', 7.5, 38, title),
    line('F', 7.5, 28, name),
    line('F', 6.5, 18, time),
    line('F', 6.5, 8, trust),
  ].join('\n');
  const form = context.stream(Buffer.from(content, 'latin1'), {
    Type: 'XObject',
    Subtype: 'Form',
    FormType: 1,
    BBox: [0, 0, BLOCK.width, BLOCK.height],
    Resources: { Font: { F: font, B: bold }, ProcSet: [PDFName.of('PDF'), PDFName.of('Text')] },
  });
  return context.register(form);
}

/** Text as the font can show it, short enough for the block, its delimiters escaped. */
function winAnsi(text: string, size: number): string {
  const most = Math.floor((BLOCK.width - 12) / (size * 0.5));
  const plain = text
    .normalize('NFC')
    .replace(/[\u2010-\u2015]/g, '-')
    .replace(/[^\x20-\x7e\u00a1-\u00ff]/g, '?');
  const short = plain.length > most ? `${plain.slice(0, most - 3)}...` : plain;
  return short.replace(/[\\()]/g, (character) => `\\${character}`);
}
