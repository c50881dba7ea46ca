import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { type Assessment, serialiseAssessment } from '../../assess/assessment.ts';
import { table } from '../../table.ts';
import { serialiseManifest } from '../manifest.ts';
import type { SigningStatement } from '../signing.ts';
import { evidenceAnchor, gapAnchor } from '../view/common.ts';
import { reportView } from '../view/index.ts';
import { pagePlaceholder } from './pageNumbers.ts';
import { Printer } from './print.ts';
import { loadTemplate } from './template.ts';

const require = createRequire(import.meta.url);

const FONTS = [
  {
    family: 'IBM Plex Sans',
    folder: '@fontsource/ibm-plex-sans',
    name: 'ibm-plex-sans',
    weights: [400, 500, 600],
    subsets: ['latin', 'latin-ext', 'greek', 'cyrillic'],
  },
  {
    family: 'IBM Plex Mono',
    folder: '@fontsource/ibm-plex-mono',
    name: 'ibm-plex-mono',
    weights: [400],
    subsets: ['latin', 'latin-ext'],
  },
] as const;
const UNICODE_RANGES = table<string>({
  latin:
    'U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD',
  'latin-ext':
    'U+0100-02BA, U+02BD-02C5, U+02C7-02CC, U+02CE-02D7, U+02DD-02FF, U+1E00-1E9F, U+1EF2-1EFF, U+20A0-20AB, U+20AD-20C0, U+2113',
  greek: 'U+0370-03FF',
  cyrillic: 'U+0301, U+0400-045F, U+0490-0491, U+04B0-04B1, U+2116',
});

/** The parts of a report that the contents list, the body first. */
const BODY: readonly Chapter[] = [
  { anchor: 'summary', title: 'For the person who decides' },
  { anchor: 'plan', title: 'What to do: actions and evidence requests' },
  { anchor: 'change', title: 'What changed' },
  { anchor: 'part-a', title: 'Part A: Membership inference' },
  { anchor: 'part-b', title: 'Part B: Model inversion' },
  { anchor: 'supporting', title: 'Around the model' },
  { anchor: 'frameworks', title: 'Frameworks' },
];
const ANNEXES: readonly Chapter[] = [
  { anchor: 'gaps', title: 'Annex 1: Gaps in full' },
  { anchor: 'results', title: 'Annex 2: Every criterion' },
  { anchor: 'measurements', title: 'Annex 3: Every measurement' },
  { anchor: 'curves', title: 'Annex 4: All curves' },
  { anchor: 'crosswalk', title: 'Annex 5: Crosswalk in full' },
  { anchor: 'acceptances', title: 'Annex 6: Acceptances, changes, reach' },
  { anchor: 'method', title: 'Annex 7: Method and thresholds' },
  { anchor: 'evidence', title: 'Annex 8: Evidence index' },
  { anchor: 'glossary', title: 'Annex 9: Glossary' },
];
/** What holds the place of the page of each. */
const PLACEHOLDERS = new Map([...BODY, ...ANNEXES].map(({ anchor }, index) => [anchor, pagePlaceholder(index)]));
/** What a reader may be expected to leaf through; the workbook and the assessment hold the rest, and the page says so. */
const MOST = { measurements: 1000, curves: 20 };
/** What the first pages hold, which are a report of their own. */
const FIRST: readonly string[] = ['summary', 'plan', 'change'];

interface Chapter {
  anchor: string;
  title: string;
}

/** How much of a report: all of it, or the cover, the page for those who decide, and what to do. */
export type Pages = 'all' | 'summary';

export interface PdfOptions {
  pages?: Pages;
  /** Prints it; without one a browser is started and ended for this report alone. */
  printer?: Printer;
  /** A folder with a user's own template in place of the package's. */
  template?: string;
  /** Told when a part of the work is done, for those who measure. */
  onPart?: (part: 'layout' | 'print' | 'finish') => void;
}

/**
 * Renders the PDF report, before signing.
 * @throws ProbityError BROWSER_MISSING, BROWSER_FAILED or TEMPLATE_INVALID
 */
export async function renderPdf(
  assessment: Assessment,
  signing: SigningStatement | undefined,
  { pages = 'all', printer, template, onPart = () => undefined }: PdfOptions = {},
): Promise<Uint8Array> {
  const html = await reportHtml(assessment, signing, pages, template);
  onPart('layout');
  const own = printer ?? new Printer();
  let printed: Uint8Array;
  let finishPdf: typeof import('./document.ts').finishPdf;
  try {
    const printing = own.print(html);
    // What the print goes through next is loaded while the browser works.
    const next = own.handed().then(() => import('./document.ts'));
    printed = await printing;
    ({ finishPdf } = await next);
  } finally {
    if (!printer) await own.close();
  }
  onPart('print');
  const text = serialiseAssessment(assessment);
  const { tool, system } = assessment;
  const finished = await finishPdf(printed, {
    title: titleOf(assessment, pages),
    author: system.organisation ?? system.owner.name,
    subject: `Membership inference and model inversion, as of ${assessment.asOf}; evidence root ${assessment.evidenceRoot}`,
    creator: `${tool.name} ${tool.version}`,
    date: assessment.asOf.slice(0, 10),
    identity: `${pages}\n${text}`,
    placeholders: PLACEHOLDERS,
    titles: titlesOf(assessment),
    attachments: [
      {
        name: 'assessment.json',
        description: 'The assessment this report was made from',
        mimeType: 'application/json',
        bytes: Buffer.from(text),
      },
      {
        name: 'evidence-manifest.json',
        description: 'Every evidence file with its digest, and the Merkle root',
        mimeType: 'application/json',
        bytes: Buffer.from(serialiseManifest(assessment)),
      },
    ],
  });
  onPart('finish');
  return finished;
}

/** What stands at the anchors that links lead to. */
function titlesOf(assessment: Assessment): Map<string, string> {
  return new Map([
    ...[...BODY, ...ANNEXES].map(({ anchor, title }) => [anchor, title] as const),
    ...assessment.findings.map((finding) => [gapAnchor(finding), `${finding.control}: ${finding.title}`] as const),
    ...assessment.evidence.map((entry, index) => [evidenceAnchor(index), `Evidence ${entry.path}`] as const),
  ]);
}

function titleOf({ system }: Assessment, pages: Pages): string {
  return `${system.name}: ${pages === 'all' ? 'assurance report' : 'brief'} on membership inference and model inversion`;
}

async function reportHtml(
  assessment: Assessment,
  signing: SigningStatement | undefined,
  pages: Pages,
  template: string | undefined,
): Promise<string> {
  const [{ render, css }, fonts] = await Promise.all([loadTemplate(template), fontFaces()]);
  const view = reportView(assessment, signing, MOST);
  const curves = view.parts.some(({ rocs, disclosures }) => rocs.length + disclosures.length > 0);
  const whole = pages === 'all';
  const chapters = (list: readonly Chapter[]) =>
    list
      .filter(({ anchor }) => (anchor !== 'curves' || curves) && (anchor !== 'change' || view.change !== undefined))
      .filter(({ anchor }) => whole || FIRST.includes(anchor))
      .map((chapter) => ({ ...chapter, page: PLACEHOLDERS.get(chapter.anchor) }));
  return render({
    ...view,
    title: titleOf(assessment, pages),
    whole,
    curves,
    css:
      fonts +
      styleWith(css, {
        system: assessment.system.name,
        classification: assessment.system.classification ?? '',
        root: assessment.evidenceRoot,
      }),
    contents: [chapters(BODY), ...(whole ? [chapters(ANNEXES)] : [])],
  });
}

/** Puts values into the running header and footer as CSS strings; nothing in them can end the string or the style. */
function styleWith(css: string, values: Record<string, string>): string {
  return css.replace(/\{\{(\w+)\}\}/g, (_, name: string) =>
    (values[name] ?? '').replace(/[^\p{L}\p{N} .,:()_-]/gu, ' '),
  );
}

/** The fonts that ship with the package, as data, so that a page needs nothing from outside and looks the same everywhere. */
export async function fontFaces(): Promise<string> {
  const faces = FONTS.flatMap((font) =>
    font.weights.flatMap((weight) => font.subsets.map((subset) => ({ font, weight, subset }))),
  );
  const rules = await Promise.all(
    faces.map(async ({ font, weight, subset }) => {
      const file = require.resolve(`${font.folder}/files/${font.name}-${subset}-${weight}-normal.woff2`);
      const data = (await readFile(file)).toString('base64');
      return `@font-face{font-family:"${font.family}";font-weight:${weight};src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${UNICODE_RANGES[subset]}}`;
    }),
  );
  return rules.join('\n');
}
