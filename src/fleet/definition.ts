import path from 'node:path';
import { ProbityError, systemCode, whyUnread } from '../errors.ts';
import { readNamed } from '../files/read.ts';
import { readYaml } from '../files/yaml.ts';
import { fleetSchema } from '../workspace/fleet.ts';
import { type Job, submissionId } from './job.ts';
import { parsePlace, placeText } from './places.ts';

/** What a fleet file asks for, resolved. */
export interface Fleet {
  submission: string;
  results: string;
  asOf: string;
  format: string[];
  identity?: string;
  jobs: Job[];
}

/**
 * Reads a fleet file, and nothing else: no evidence, no workspace.
 * @param overrides what the command line says in place of the file's defaults
 * @throws ProbityError FLEET_INVALID with file and line
 */
export async function loadFleet(
  file: string,
  overrides: { asOf?: string; today: string; force?: string },
): Promise<Fleet> {
  const text = await readNamed(file, 'utf8').catch((error: unknown) => {
    throw new ProbityError(
      'FLEET_INVALID',
      systemCode(error) === 'ENOENT' ? 'there is no such file of systems' : whyUnread(error, 'the file of systems'),
      { where: file, remedy: 'Name a file of kind: Fleet', cause: error },
    );
  });
  const fleet = readYaml(fleetSchema, text, file, 'FLEET_INVALID');
  const base = path.dirname(path.resolve(file));
  const seen = new Set<string>();
  const resolved = (place: string, what: string): string => {
    try {
      return placeText(parsePlace(place, base));
    } catch (error) {
      if (!(error instanceof ProbityError)) throw error;
      throw new ProbityError('FLEET_INVALID', `${what}: ${error.message}`, {
        where: file,
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      });
    }
  };
  const results = resolved(fleet.results, 'results');
  if (results.startsWith('https:'))
    throw new ProbityError('FLEET_INVALID', 'results go to a folder or to S3', { where: `${file}#/results` });
  const asOf = overrides.asOf ?? fleet.defaults.asOf ?? overrides.today;
  const submission = submissionId(results, asOf);
  const format = fleet.defaults.format ?? ['pdf', 'xlsx', 'json'];
  const jobs = fleet.systems.map((one, index): Job => {
    if (seen.has(one.id))
      throw new ProbityError('FLEET_INVALID', `two systems are called ${one.id}`, {
        where: `${file}#/systems/${index}/id`,
      });
    seen.add(one.id);
    const profile = one.profile ?? fleet.defaults.profile;
    const identity = one.identity ?? fleet.defaults.identity;
    return {
      version: 1,
      submission,
      system: one.id,
      config: resolved(one.config, `the configuration of ${one.id}`),
      ...(one.evidence === undefined
        ? {}
        : { evidence: evidenceOf(one.evidence, (place) => resolved(place, `the evidence of ${one.id}`)) }),
      results,
      asOf: overrides.asOf ?? one.asOf ?? asOf,
      format: [...new Set(one.format ?? format)],
      ...(profile === undefined ? {} : { profile }),
      ...(identity === undefined ? {} : { identity }),
      ...(overrides.force === undefined ? {} : { force: overrides.force }),
    };
  });
  const { identity } = fleet.defaults;
  return { submission, results, asOf, format, ...(identity === undefined ? {} : { identity }), jobs };
}

function evidenceOf(
  stated: NonNullable<Job['evidence']>,
  resolved: (place: string) => string,
): NonNullable<Job['evidence']> {
  if (typeof stated === 'string') return resolved(stated);
  return stated.map(({ url, sha256 }) => ({ url: resolved(url), sha256 }));
}
