import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';
import type { Assessment } from '../../assess/assessment.ts';
import { disclosureChart } from '../charts/disclosure.ts';
import { forestAxis, forestBar } from '../charts/forest.ts';
import { intervalBar } from '../charts/intervals.ts';
import { reachBar } from '../charts/reach.ts';
import { reachGraph } from '../charts/reachGraph.ts';
import { rocChart } from '../charts/roc.ts';
import { plural } from '../numbers.ts';
import type { SigningStatement } from '../signing.ts';
import { type PageView, pageView } from './view.ts';

const TEMPLATES = new URL('../../../templates/html/', import.meta.url);

/**
 * Renders the page that people explore: one file that needs nothing from anywhere. Its policy (CSP) allows the style and the
 * script that stand in it, by their digests, and nothing else.
 */
export async function renderHtml(assessment: Assessment, signing: SigningStatement | undefined): Promise<Uint8Array> {
  const read = (name: string): Promise<string> => readFile(new URL(name, TEMPLATES), 'utf8');
  const [template, chip, gap, css, script] = await Promise.all([
    read('page.hbs'),
    read('chip.hbs'),
    read('gap.hbs'),
    read('page.css'),
    read('page.js'),
  ]);
  const engine = Handlebars.create();
  engine.registerPartial('chip', chip.trim());
  engine.registerPartial('gap', gap.trim());
  engine.registerHelper('join', (items: readonly string[], separator: string) => items.join(separator));
  engine.registerHelper('plural', (count: number, word: string) => plural(count, word));
  registerDrawings(engine);
  const render = engine.compile(template, { knownHelpersOnly: false });
  const page = render({
    ...pageView(assessment, signing),
    css: new engine.SafeString(css),
    script: new engine.SafeString(script),
    policy: new engine.SafeString(policyOf(css, script)),
  });
  return Buffer.from(page, 'utf8');
}

/** What the page may load and run: itself. */
function policyOf(css: string, script: string): string {
  const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${digest(css)}`,
    `script-src ${digest(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

type Part = PageView['parts'][number];

/** The drawings of the view, as helpers; each can be reached by keys and says its values. */
function registerDrawings(engine: typeof Handlebars): void {
  const draw = <T>(name: string, svg: (data: T) => string): void =>
    engine.registerHelper(name, (data: T | undefined) =>
      data ? new engine.SafeString(svg(data).replace('<svg ', '<svg tabindex="0" ')) : '',
    );
  draw('intervalBar', intervalBar);
  draw('forestBar', forestBar);
  draw('reachGraph', reachGraph);
  engine.registerHelper('forestAxis', () => new engine.SafeString(forestAxis()));
  draw('rocChart', ({ test, marks, privacy }: Part['rocs'][number]['curve']) =>
    rocChart(test, marks, privacy, { values: true }),
  );
  draw('disclosureChart', ({ test, limit }: Part['disclosures'][number]['curve']) =>
    disclosureChart(test, limit, { values: true }),
  );
  draw('reachBar', ({ reach, limit, most }: PageView['widest'][number]['bar']) => reachBar(reach, limit, most));
}
