import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import Handlebars from 'handlebars';
import { type Assessment, serialiseAssessment } from '../../assess/assessment.ts';
import { table } from '../../table.ts';
import { countsBar } from '../charts/counts.ts';
import { disclosureChart } from '../charts/disclosure.ts';
import { intervalBar } from '../charts/intervals.ts';
import { reachBar } from '../charts/reach.ts';
import { rocChart } from '../charts/roc.ts';
import { serialiseManifest } from '../manifest.ts';
import { plural } from '../numbers.ts';
import type { SigningStatement } from '../signing.ts';
import { type ReportView, reportView } from '../view/index.ts';
import { finishPdf } from './document.ts';
import { printPdf } from './print.ts';

const TEMPLATES = new URL('../../../templates/pdf/', import.meta.url);
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

/** Where the contents list points. */
const CONTENTS: readonly [anchor: string, title: string][] = [
  ['summary', 'Summary'],
  ['part-a', 'Part A: Membership inference'],
  ['part-b', 'Part B: Model inversion'],
  ['supporting', 'Supporting controls'],
  ['frameworks', 'Framework view'],
  ['acceptances', 'Risk acceptances and changes'],
  ['method', 'Method and limits'],
  ['evidence', 'Evidence index'],
  ['glossary', 'Glossary and attribution'],
];

/**
 * Renders the PDF report, before signing.
 * @throws ProbityError BROWSER_MISSING or BROWSER_FAILED
 */
export async function renderPdf(assessment: Assessment, signing: SigningStatement | undefined): Promise<Uint8Array> {
  const html = await htmlMaker(assessment, signing);
  const printed = await printPdf(html);
  const text = serialiseAssessment(assessment);
  const { tool, system } = assessment;
  return finishPdf(printed, {
    title: `${system.name}: assurance report on membership inference and model inversion`,
    author: system.organisation ?? system.owner.name,
    subject: `Membership inference and model inversion, as of ${assessment.asOf}; evidence root ${assessment.evidenceRoot}`,
    creator: `${tool.name} ${tool.version}`,
    date: assessment.asOf.slice(0, 10),
    identity: text,
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
}

async function htmlMaker(
  assessment: Assessment,
  signing: SigningStatement | undefined,
): Promise<(pages: ReadonlyMap<string, number>) => string> {
  const read = (name: string): Promise<string> => readFile(new URL(name, TEMPLATES), 'utf8');
  const [template, chip, link, css, fonts] = await Promise.all([
    read('report.hbs'),
    read('chip.hbs'),
    read('link.hbs'),
    read('report.css'),
    fontFaces(),
  ]);
  const engine = Handlebars.create();
  engine.registerPartial('chip', chip.trim());
  engine.registerPartial('link', link.trim());
  engine.registerHelper('join', (items: readonly string[], separator: string) => items.join(separator));
  engine.registerHelper('plural', (n: number, word: string) => plural(n, word));
  engine.registerHelper('lower', (text: string) => text.toLowerCase());
  engine.registerHelper('slice', (date: string) => date.slice(0, 10));
  const render = engine.compile(template, { strict: false, knownHelpersOnly: false });
  registerDrawings(engine);
  const view = reportView(assessment, signing);
  const style =
    fonts +
    styleWith(css, {
      system: assessment.system.name,
      classification: assessment.system.classification ?? '',
      root: assessment.evidenceRoot,
    });
  return (pages) =>
    render({
      ...view,
      css: style,
      contents: CONTENTS.map(([anchor, title]) => ({ anchor, title, page: pages.get(anchor) ?? '' })),
    });
}

type Panel = ReportView['panels'][number];
type Part = ReportView['parts'][number];

/** The drawings of the view, as helpers that the template calls where one stands. */
function registerDrawings(engine: typeof Handlebars): void {
  const draw = <T>(name: string, svg: (data: T) => string): void =>
    engine.registerHelper(name, (data: T | undefined) => (data ? new engine.SafeString(svg(data)) : ''));
  draw('intervalBar', intervalBar);
  draw('countsBar', ({ counts, title, attackClass }: Panel) =>
    countsBar(Object.fromEntries(counts.map(({ state, count }) => [state, count])), title, attackClass),
  );
  draw('rocChart', ({ test, marks, privacy }: Part['rocs'][number]['curve']) => rocChart(test, marks, privacy));
  draw('disclosureChart', ({ test, limit }: Part['disclosures'][number]['curve']) => disclosureChart(test, limit));
  draw('reachBar', ({ reach, limit, most }: ReportView['supporting']['widest'][number]['bar']) =>
    reachBar(reach, limit, most),
  );
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
