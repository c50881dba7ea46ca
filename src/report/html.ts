import { readFile } from 'node:fs/promises';
import Handlebars from 'handlebars';

const TEMPLATES = new URL('../../templates/html/', import.meta.url);

/**
 * A view as one self-contained page: everything in it is escaped, nothing is fetched, and there is no script.
 * @param name of the template, `comparison`
 */
export async function renderPage(name: string, view: object): Promise<string> {
  const [template, css] = await Promise.all(
    [`${name}.hbs`, 'document.css'].map((file) => readFile(new URL(file, TEMPLATES), 'utf8')),
  );
  const engine = Handlebars.create();
  return engine.compile(template, { strict: false })({ ...view, css });
}
