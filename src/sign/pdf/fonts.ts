import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PDFDocument, PDFFont } from '@cantoo/pdf-lib';

/*
 * The fonts of signature blocks, in the document itself: archives and screen readers want every letter explained (PDF/A-3,
 * 6.2.11.4; PDF/UA-1, 7.21.4), and the standard fonts have no letters beyond those of western Europe.
 */

/** Scripts that the font covers, each in a file of its own. */
const SCRIPTS = ['latin', 'latin-ext', 'greek', 'cyrillic', 'cyrillic-ext', 'vietnamese'] as const;
type Weight = 400 | 600;

/** Texts as a content stream shows them, one font after the other. */
export interface Run {
  font: PDFFont;
  text: string;
}

export interface BlockFonts {
  /** Splits a text by the fonts that have its letters; letters that none has are shown by their code points. */
  runs(text: string, weight: Weight): Promise<Run[]>;
  /** The fonts that were used, by their names in the content stream. */
  used(): Map<string, PDFFont>;
  nameOf(font: PDFFont): string;
}

/** A font's file and what it covers; read once. */
interface Face {
  bytes: Uint8Array;
  letters: ReadonlySet<number>;
}

const FACES = new Map<string, Face>();

async function faceOf(script: string, weight: Weight): Promise<Face> {
  const name = `ibm-plex-sans-${script}-${weight}-normal.woff`;
  const known = FACES.get(name);
  if (known) return known;
  const bytes = readFileSync(createRequire(import.meta.url).resolve(`@fontsource/ibm-plex-sans/files/${name}`));
  const { create } = await import('@cantoo/fontkit');
  const font = create(bytes);
  const face = { bytes, letters: new Set('characterSet' in font ? font.characterSet : []) };
  FACES.set(name, face);
  return face;
}

/** Gives the fonts of blocks in one document; a font is put into it when a text needs it. */
export function blockFonts(document: PDFDocument): BlockFonts {
  const embedded = new Map<Face, PDFFont>();
  const names = new Map<PDFFont, string>();
  const embed = async (face: Face): Promise<PDFFont> => {
    const known = embedded.get(face);
    if (known) return known;
    document.registerFontkit(await import('@cantoo/fontkit'));
    const font = await document.embedFont(face.bytes, { subset: true });
    embedded.set(face, font);
    names.set(font, `F${names.size + 1}`);
    return font;
  };
  const faceFor = async (letter: number, weight: Weight): Promise<Face | undefined> => {
    for (const script of SCRIPTS) {
      const face = await faceOf(script, weight);
      if (face.letters.has(letter)) return face;
    }
    return undefined;
  };
  return {
    async runs(text, weight) {
      const runs: Run[] = [];
      for (const letter of text.normalize('NFC')) {
        const code = letter.codePointAt(0) ?? 0;
        const face = await faceFor(code, weight);
        const font = await embed(face ?? (await faceOf('latin', weight)));
        const shown = face ? letter : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
        const last = runs.at(-1);
        if (last?.font === font) last.text += shown;
        else runs.push({ font, text: shown });
      }
      return runs;
    },
    used: () => new Map([...names].map(([font, name]) => [name, font])),
    nameOf: (font) => names.get(font) ?? '',
  };
}
