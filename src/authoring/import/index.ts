import { stat } from 'node:fs/promises';
import { loadCatalog } from '../../catalog/catalog.ts';
import { messageOf, ProbityError, whyUnread } from '../../errors.ts';
import { readNamed } from '../../files/read.ts';
import { forbiddenKey, yamlText } from '../../files/yaml.ts';
import { modeline } from '../jsonSchemas.ts';
import {
  completeFramework,
  type FrameworkImport,
  newFramework,
  parseOscalCatalog,
  readOscalCatalog,
  sameFramework,
} from './oscal.ts';
import { oscalFromXml } from './oscalXml.ts';
import { controlsFromCsv, controlsFromXlsx, type ImportedControl } from './spreadsheet.ts';

/** The largest file that is read whole. */
const MOST_BYTES = 64 * 2 ** 20;

export interface ImportOptions {
  /** The framework to complete; by default the one that most identifiers belong to. */
  into?: string;
  /** Make a framework of this id instead. */
  id?: string;
  source: { url: string; publisher: string; licence: string };
}

/** What an import comes to, to be written into an overlay folder. */
export interface Imported {
  /** YAML texts by their name in the folder. */
  files: Map<string, string>;
  /** For people, one line each. */
  summary: string[];
  counts: Record<string, number>;
}

/**
 * Reads an OSCAL catalog or a table of controls, by its ending and content.
 * @throws ProbityError CATALOG_INVALID or USAGE
 */
export async function importCatalog(file: string, options: ImportOptions): Promise<Imported> {
  const bytes = await readBounded(file);
  if (/\.xlsx$/i.test(file)) return controlFiles(await controlsFromXlsx(bytes, file));
  const text = new TextDecoder('utf-8').decode(bytes);
  if (/\.csv$/i.test(file)) return controlFiles(controlsFromCsv(text, file));
  const value = /^\s*(<\?xml|<)/.test(text) ? oscalFromXml(text, file) : parseJson(text, file);
  return frameworkFile(readOscalCatalog(parseOscalCatalog(value, file)), options);
}

async function readBounded(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES)
      throw new ProbityError('CATALOG_INVALID', `larger than ${MOST_BYTES / 2 ** 20} MiB`, { where: file });
    return await readNamed(file);
  } catch (error) {
    if (error instanceof ProbityError) throw error;
    throw new ProbityError('CATALOG_INVALID', whyUnread(error), {
      where: file,
      cause: error,
    });
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const bad = forbiddenKey(value, '');
    if (bad) throw new Error(`the key at ${bad} is not allowed`);
    return value;
  } catch (error) {
    throw new ProbityError(
      'CATALOG_INVALID',
      `neither an OSCAL catalog in JSON or XML nor a table: ${messageOf(error)}`,
      {
        where: file,
        remedy: 'Name a .json, .xml, .xlsx or .csv file',
        cause: error,
      },
    );
  }
}

async function frameworkFile(imported: ReturnType<typeof readOscalCatalog>, options: ImportOptions): Promise<Imported> {
  const frameworks = (await loadCatalog()).frameworks.map(({ document }) => document);
  const named = options.into === undefined ? undefined : frameworks.find(({ id }) => id === options.into);
  if (options.into !== undefined && !named)
    throw new ProbityError('USAGE', `there is no framework "${options.into}"`, {
      remedy: `Use one of ${frameworks.map(({ id }) => id).join(', ')}`,
    });
  if (imported.items.length === 0) throw new ProbityError('CATALOG_INVALID', 'the catalog holds no controls');
  const base = options.id === undefined ? (named ?? sameFramework(frameworks, imported)) : undefined;
  if (!base && options.id === undefined)
    throw new ProbityError('USAGE', `"${imported.title}" is none of the frameworks of this catalog`, {
      remedy: 'Give it an id of its own with --id, or name its framework with --into',
    });
  const made: FrameworkImport = base
    ? completeFramework(base, imported)
    : newFramework(options.id ?? '', imported, options.source);
  const { framework } = made;
  return {
    files: new Map([
      [
        `frameworks/${framework.id}.yaml`,
        `${modeline('Framework', '../.schemas')}# Imported: ${oneLine(imported.title)}, version ${oneLine(imported.version)}.\n${yamlText(framework)}`,
      ],
    ]),
    summary: [
      `${framework.title}: ${made.completed} items now have their official statement, ${made.added} items are new, ${made.withdrawn} withdrawn identifiers are explained.`,
      ...(made.passedOver > 0
        ? [
            `${made.passedOver} further identifiers of the catalog were passed over: ${framework.title} ${framework.version} is complete without them (earlier editions leave theirs in).`,
          ]
        : []),
      ...(made.missing.length > 0
        ? [
            `Not in the imported catalog: ${made.missing.slice(0, 20).join(', ')}${made.missing.length > 20 ? ' and more' : ''}.`,
          ]
        : []),
    ],
    counts: {
      completed: made.completed,
      added: made.added,
      passedOver: made.passedOver,
      withdrawn: made.withdrawn,
      missing: made.missing.length,
    },
  };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function controlFiles(imported: readonly ImportedControl[]): Imported {
  const files = new Map<string, string>();
  for (const { control, plain, where } of imported) {
    const name = `${control.family}/${control.id}.yaml`;
    if (files.has(name))
      throw new ProbityError('CATALOG_INVALID', `${control.id} stands in the table twice`, { where });
    files.set(name, `${modeline('Control', '../.schemas')}${yamlText(plain)}`);
  }
  if (files.size === 0) throw new ProbityError('CATALOG_INVALID', 'the table holds no controls');
  return { files, summary: [`${files.size} controls.`], counts: { controls: files.size } };
}
