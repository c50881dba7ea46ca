import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Assessment, canonicalAssessment, parseAssessment, serialiseAssessment } from '../assess/assessment.ts';
import { assessWorkspace } from '../assess/assessWorkspace.ts';
import { ProbityError } from '../errors.ts';
import { isWithin } from '../files/place.ts';
import { ASSESSMENT_FILE, readFromPack } from './verify.ts';

export interface Reperformance {
  /** The recomputed assessment has the same bytes. */
  same: boolean;
  /** Where it differs: JSON pointer, what the pack says, what the evidence gives. At most 50. */
  differences: { at: string; recorded: string; recomputed: string }[];
  /** The file of responses that the run had and this one had not. */
  missingResponses?: string;
  /** Days of the earlier assessments that it compares itself with, which was not performed again. */
  historyAside?: string[];
}

/**
 * Recomputes an assessment from its evidence with the recorded profile and as-of date, and compares.
 * @param config the workspace file; default `probity.yaml` in the evidence folder
 * @param controls overlay folders on the catalog that the run was given besides those of the workspace
 * @param responses the file of responses that the run was given besides the workspace; default: the one of that name
 * @throws ProbityError when there is no assessment or the evidence cannot be assessed
 */
export async function reperform(
  pack: string,
  evidence: string,
  config: string | undefined,
  controls: readonly string[] = [],
  responses?: string,
): Promise<Reperformance> {
  const file = pack.endsWith('.json') ? pack : path.join(pack, ASSESSMENT_FILE);
  const text = await (pack.endsWith('.json') ? readFile(pack) : readFromPack(pack, ASSESSMENT_FILE)).then(
    (bytes) => bytes?.toString('utf8'),
    () => undefined,
  );
  if (text === undefined)
    throw new ProbityError('ASSESSMENT_INVALID', 'there is no assessment to perform again', {
      where: file,
      remedy: 'Name a pack that holds assessment.json',
    });
  const recorded = parseAssessment(text, file);
  const performed = await assessWorkspace({
    config: config ?? path.join(evidence, 'probity.yaml'),
    controls,
    asOf: recorded.asOf,
    profile: recorded.profile.id,
    redact: recorded.redacted,
    ...(recorded.contentShown ? { showContent: true } : {}),
    ...responsesOf(evidence, recorded, responses),
  });
  // What is said of earlier assessments rests on those, and not on this evidence.
  const { history } = recorded;
  const recomputed = history ? canonicalAssessment({ ...performed, history }) : performed;
  const aside = history ? { historyAside: history.previous.map(({ asOf }) => asOf) } : {};
  if (serialiseAssessment(recomputed) === text) return { same: true, differences: [], ...aside };
  const differences: Reperformance['differences'] = [];
  collect(recorded, recomputed, '', differences);
  if (differences.length === 0)
    differences.push({ at: '/', recorded: 'other bytes', recomputed: 'the same content in canonical form' });
  const missing = recorded.responses && !recomputed.responses ? recorded.responses.path : undefined;
  return { same: false, differences, ...aside, ...(missing === undefined ? {} : { missingResponses: missing }) };
}

/** The responses that the run had: those asked for, else the file that the assessment names, where it lies within the evidence. */
function responsesOf(evidence: string, recorded: Assessment, asked: string | undefined): { responses?: string } {
  if (asked !== undefined) return { responses: asked };
  if (!recorded.responses) return {};
  const file = path.resolve(evidence, recorded.responses.path);
  return isWithin(path.resolve(evidence), file) && existsSync(file) ? { responses: file } : {};
}

function collect(a: unknown, b: unknown, at: string, into: Reperformance['differences']): void {
  if (into.length >= 50 || Object.is(a, b)) return;
  if (isTree(a) && isTree(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      collect(Reflect.get(a, key), Reflect.get(b, key), `${at}/${key}`, into);
    return;
  }
  into.push({ at: at || '/', recorded: brief(a), recomputed: brief(b) });
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function brief(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
