import { type PDFDocument, PDFName, type PDFRef } from '@cantoo/pdf-lib';
import { type BlockFonts, blockFonts, type Run } from './fonts.ts';

/** What a visible signature says, one line each. */
export interface SignatureBlock {
  title: string;
  name: string;
  time: string;
  trust: string;
}

const BLOCK = { width: 162, height: 50 };
const MARGIN = 6;
/** The report's own margin, 16 mm in points, within which blocks stand, and what is between two of them. */
const EDGE = 46;
const GAP = 8;

/** Where the n-th block stands on a page: in rows of three from the lower left corner upwards. */
export function blockRectangle(index: number, pageWidth: number): [number, number, number, number] {
  const columns = Math.max(1, Math.floor((pageWidth - 2 * EDGE + GAP) / (BLOCK.width + GAP)));
  const x = EDGE + (index % columns) * (BLOCK.width + GAP);
  const y = 62 + Math.floor(index / columns) * (BLOCK.height + 6);
  return [x, y, x + BLOCK.width, y + BLOCK.height];
}

/** The appearance stream of a block, as a form with its own fonts. */
export async function blockAppearance(
  document: PDFDocument,
  { title, name, time, trust }: SignatureBlock,
): Promise<PDFRef> {
  const fonts = blockFonts(document);
  const content = [
    'q 1 1 1 rg 0.4 w 0.35 G',
    `0.5 0.5 ${BLOCK.width - 1} ${BLOCK.height - 1} re B Q`,
    '0.1 g',
    await line(fonts, 600, 7.5, 38, title),
    await line(fonts, 400, 7.5, 28, name),
    await line(fonts, 400, 6.5, 18, time),
    await line(fonts, 400, 6.5, 8, trust),
  ].join('\n');
  const used = Object.fromEntries([...fonts.used()].map(([key, font]) => [key, font.ref]));
  const { context } = document;
  const form = context.stream(Buffer.from(content, 'latin1'), {
    Type: 'XObject',
    Subtype: 'Form',
    FormType: 1,
    BBox: [0, 0, BLOCK.width, BLOCK.height],
    Resources: { Font: used, ProcSet: [PDFName.of('PDF'), PDFName.of('Text')] },
  });
  return context.register(form);
}

/** What a field shows that nobody has signed: nothing. Archives want it said (PDF/A-3, 6.3.3). */
export function emptyAppearance(
  document: PDFDocument,
  [x1, y1, x2, y2]: readonly [number, number, number, number],
): PDFRef {
  const { context } = document;
  return context.register(
    context.stream(new Uint8Array(), {
      Type: 'XObject',
      Subtype: 'Form',
      FormType: 1,
      BBox: [0, 0, x2 - x1, y2 - y1],
      Resources: {},
    }),
  );
}

async function line(fonts: BlockFonts, weight: 400 | 600, size: number, y: number, text: string): Promise<string> {
  const shown = fitted(await fonts.runs(text, weight), await fonts.runs('...', weight), size);
  const parts = shown.map((run) => `/${fonts.nameOf(run.font)} ${size} Tf ${run.font.encodeText(run.text)} Tj`);
  return `BT ${MARGIN} ${y} Td ${parts.join(' ')} ET`;
}

function widthOf(runs: readonly Run[], size: number): number {
  return runs.reduce((sum, { font, text }) => sum + font.widthOfTextAtSize(text, size), 0);
}

/** Runs that fit into the block, cut off with dots where they do not. */
function fitted(runs: readonly Run[], dots: readonly Run[], size: number): readonly Run[] {
  const room = BLOCK.width - 2 * MARGIN;
  if (widthOf(runs, size) <= room) return runs;
  const kept = runs.map((run) => ({ ...run }));
  while (kept.length > 0 && widthOf(kept, size) + widthOf(dots, size) > room) {
    const last = kept.at(-1) as Run;
    last.text = [...last.text].slice(0, -1).join('');
    if (last.text === '') kept.pop();
  }
  return [...kept, ...dots];
}
