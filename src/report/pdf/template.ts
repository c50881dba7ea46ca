import { fileURLToPath } from 'node:url';
import Handlebars from 'handlebars';
import { disclosureChart } from '../charts/disclosure.ts';
import { forestAxis, forestBar } from '../charts/forest.ts';
import { historyChart } from '../charts/history.ts';
import { intervalBar } from '../charts/intervals.ts';
import { reachBar } from '../charts/reach.ts';
import { reachGraph } from '../charts/reachGraph.ts';
import { rocChart } from '../charts/roc.ts';
import { plural } from '../numbers.ts';
import { PAGES, templatesOf, withTemplate } from '../templateFolder.ts';
import type { ReportView } from '../view/index.ts';

const BUNDLED = fileURLToPath(new URL('../../../templates/pdf/', import.meta.url));
const STYLE = 'report.css';

/** A page and its style, ready to be filled. */
export interface Template {
  /** @throws ProbityError TEMPLATE_INVALID */
  render(data: object): string;
  css: string;
}

/**
 * The template of the package, or a user's own: `report.hbs`, and where they are there `report.css` and partials, each a
 * file `NAME.hbs`. What a folder of one's own lacks besides its page comes from the package.
 * @throws ProbityError TEMPLATE_INVALID
 */
export async function loadTemplate(own?: string): Promise<Template> {
  const { files, where } = await templatesOf(BUNDLED, own, PAGES.printed);
  const engine = Handlebars.create();
  registerWords(engine);
  registerDrawings(engine);
  for (const [name, text] of files)
    if (name.endsWith('.hbs') && name !== PAGES.printed)
      engine.registerPartial(name.slice(0, -'.hbs'.length), text.trim());
  const render = engine.compile(files.get(PAGES.printed) ?? '', { strict: false, knownHelpersOnly: false });
  return { render: (data) => withTemplate(where, () => render(data)), css: files.get(STYLE) ?? '' };
}

type Engine = ReturnType<typeof Handlebars.create>;

function registerWords(engine: Engine): void {
  engine.registerHelper('join', (items: unknown, separator: string) =>
    Array.isArray(items) ? items.join(separator) : '',
  );
  engine.registerHelper('plural', (n: number, word: string) => plural(n, word));
  engine.registerHelper('lower', (text: unknown) => String(text ?? '').toLowerCase());
  engine.registerHelper('same', (one: unknown, other: unknown) => one === other);
  engine.registerHelper('slice', (date: unknown) => String(date ?? '').slice(0, 10));
}

/** A cell without anything in it would be missing from the tags, and its row be shorter than the others. */
const NOTHING = '<span class="none">–</span>';

type Part = ReportView['parts'][number];

/** The drawings of the view, as helpers that the template calls where one stands. */
function registerDrawings(engine: Engine): void {
  const draw = <T>(name: string, svg: (data: T) => string): void =>
    engine.registerHelper(name, (data: T | undefined) => new engine.SafeString(data ? svg(data) : NOTHING));
  draw('intervalBar', intervalBar);
  draw('forestBar', forestBar);
  engine.registerHelper('forestAxis', () => new engine.SafeString(forestAxis()));
  draw('reachGraph', reachGraph);
  draw('historyChart', historyChart);
  draw('rocChart', ({ test, marks, privacy }: Part['rocs'][number]['curve']) => rocChart(test, marks, privacy));
  draw('disclosureChart', ({ test, limit }: Part['disclosures'][number]['curve']) => disclosureChart(test, limit));
  draw('reachBar', ({ reach, limit, most }: ReportView['supporting']['widest'][number]['bar']) =>
    reachBar(reach, limit, most),
  );
}
