import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import type { Assessment } from '../../assess/assessment.ts';
import { ProbityError } from '../../errors.ts';
import { disclosureChart } from '../charts/disclosure.ts';
import { forestAxis, forestBar } from '../charts/forest.ts';
import { historyChart } from '../charts/history.ts';
import { intervalBar } from '../charts/intervals.ts';
import { reachBar } from '../charts/reach.ts';
import { reachGraph } from '../charts/reachGraph.ts';
import { rocChart } from '../charts/roc.ts';
import { plural } from '../numbers.ts';
import type { SigningStatement } from '../signing.ts';
import { PAGES, templatesOf, withTemplate } from '../templateFolder.ts';
import type { SmallMultiple } from '../view/change.ts';
import { type PageView, pageView } from './view.ts';

const TEMPLATES = fileURLToPath(new URL('../../../templates/html/', import.meta.url));

/**
 * Renders the page that people explore: one file that needs nothing from anywhere. Its policy (CSP) allows the style and the
 * script that belong to its template, by their digests, and nothing else.
 * @param own a folder with a user's own `page.hbs`, and where they are there `page.css`, `page.js` and partials
 * @throws ProbityError TEMPLATE_INVALID
 */
export async function renderHtml(
  assessment: Assessment,
  signing: SigningStatement | undefined,
  own?: string,
): Promise<Uint8Array> {
  const { files, where, isOwn } = await templatesOf(TEMPLATES, own, PAGES.explored);
  const engine = Handlebars.create();
  for (const [name, text] of files)
    if (name.endsWith('.hbs') && name !== PAGES.explored)
      engine.registerPartial(name.slice(0, -'.hbs'.length), text.trim());
  engine.registerHelper('join', (items: unknown, separator: string) =>
    Array.isArray(items) ? items.join(separator) : '',
  );
  engine.registerHelper('lower', (text: unknown) => String(text ?? '').toLowerCase());
  engine.registerHelper('same', (one: unknown, other: unknown) => one === other);
  engine.registerHelper('slice', (date: unknown) => String(date ?? '').slice(0, 10));
  engine.registerHelper('plural', (count: number, word: string) => plural(count, word));
  registerDrawings(engine);
  const render = engine.compile(files.get(PAGES.explored) ?? '', { knownHelpersOnly: false });
  const css = files.get('page.css') ?? '';
  const script = files.get('page.js') ?? '';
  const policy = policyOf(css, script);
  const page = withTemplate(where, () =>
    render({
      ...pageView(assessment, signing),
      css: new engine.SafeString(css),
      script: new engine.SafeString(script),
      policy: new engine.SafeString(policy),
    }),
  );
  return Buffer.from(isOwn ? sealed(page, policy, where) : page, 'utf8');
}

/** A page of somebody's own template carries the policy before anything else, whatever the template says of it. */
function sealed(page: string, policy: string, where: string): string {
  const head = /^\s*(?:<!doctype html>\s*)?<html(?:\s[^<>]*)?>\s*<head(?:\s[^<>]*)?>/i.exec(page)?.[0];
  if (head === undefined)
    throw new ProbityError('TEMPLATE_INVALID', 'the page does not begin with <!doctype html>, <html> and <head>', {
      where,
      remedy: 'The policy that seals the page stands at the beginning of <head>',
    });
  return `${head}<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">${page.slice(head.length)}`;
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
  draw('historyChart', (chart: SmallMultiple) => historyChart(chart, { values: true }));
  engine.registerHelper('forestAxis', () => new engine.SafeString(forestAxis()));
  draw('rocChart', ({ test, marks, privacy }: Part['rocs'][number]['curve']) =>
    rocChart(test, marks, privacy, { values: true }),
  );
  draw('disclosureChart', ({ test, limit }: Part['disclosures'][number]['curve']) =>
    disclosureChart(test, limit, { values: true }),
  );
  draw('reachBar', ({ reach, limit, most }: PageView['widest'][number]['bar']) => reachBar(reach, limit, most));
}
