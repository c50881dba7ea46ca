import { parseAssessment } from '../assess/assessment.ts';
import { loadCatalog } from '../catalog/catalog.ts';
import { ProbityError, systemCode, whyUnread } from '../errors.ts';
import { readNamed } from '../files/read.ts';
import { yamlText } from '../files/yaml.ts';
import { ATTACK_CLASSES } from '../terms.ts';
import { loadResponses, type Responses } from '../workspace/responses.ts';
import { type Imported, importResponses } from './import.ts';

export interface ImportOptions {
  /** The file of responses; what it holds already is brought together with the workbook. */
  out: string;
  /** The newest assessment. */
  assessment?: string;
  /** Overlay folders on the catalog. */
  controls: readonly string[];
  asOf: string;
}

/**
 * Reads a workbook's answers, with its reads of the disk.
 * @throws ProbityError RESPONSES_INVALID, ASSESSMENT_INVALID, CATALOG_INVALID
 */
export async function importFile(file: string, options: ImportOptions): Promise<Imported> {
  const bytes = await readNamed(file).catch((error: unknown) => {
    throw new ProbityError('RESPONSES_INVALID', whyUnread(error), {
      where: file,
      remedy: 'Name the report.xlsx of a run',
    });
  });
  const assessment =
    options.assessment === undefined
      ? undefined
      : parseAssessment(await readText(options.assessment), options.assessment);
  const existing = await readExisting(options.out);
  const known = new Set([
    ...(existing?.responses ?? []).map(({ finding }) => finding),
    ...(assessment
      ? [
          ...assessment.results.map(({ control, attackClass }) => `${control}.${attackClass}`),
          ...(assessment.responses?.closed ?? []).map(({ id }) => id),
        ]
      : (await loadCatalog([...options.controls])).controls.flatMap(({ document }) =>
          ATTACK_CLASSES.filter((one) => document.attackClasses[one]).map((one) => `${document.id}.${one}`),
        )),
  ]);
  return importResponses(bytes, file, {
    known,
    asOf: options.asOf,
    ...(assessment ? { assessment } : {}),
    ...(existing ? { existing } : {}),
  });
}

async function readText(file: string): Promise<string> {
  return readNamed(file, 'utf8').catch((error: unknown) => {
    throw new ProbityError('ASSESSMENT_INVALID', whyUnread(error), { where: file });
  });
}

async function readExisting(file: string): Promise<Responses | undefined> {
  try {
    await readNamed(file);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
  }
  return (await loadResponses(file, file)).document;
}

/** Responses as the file that people keep. */
export function responsesText({ apiVersion, kind, responses, requests }: Responses): string {
  return `# What people answered to the findings. It changes no result; see docs/responses.md.\n${yamlText({ apiVersion, kind, responses, ...(requests.length > 0 ? { requests } : {}) })}`;
}

/** The acceptances among the responses as a file of kind Waiver. @param issued ISO date */
export function waiversOf({ responses }: Responses, issued: string): string {
  const waivers = responses.flatMap(({ finding, acceptance }) => {
    const attackClass = ATTACK_CLASSES.find((one) => finding.endsWith(`.${one}`));
    return acceptance && attackClass
      ? [{ control: finding.slice(0, -attackClass.length - 1), attackClass, ...acceptance, issued }]
      : [];
  });
  return yamlText({ apiVersion: 'probity/v1', kind: 'Waiver', waivers });
}
