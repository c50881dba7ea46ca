import { ProbityError } from '../errors.ts';
import { isAllowed, type Place, placeText } from './places.ts';

/** A signing identity that a worker was started with: what jobs call it, and where it is. */
export interface NamedIdentity {
  name: string;
  /** A file, or a PKCS #11 URI. */
  reference: string;
}

/** What jobs may ask of a worker, whatever stands in the queue. Fixed when it is started. */
export interface Bounds {
  /** Where configuration and evidence may be read. */
  evidence: Place[];
  /** Where packs may be written. */
  results: Place[];
  /** The first is for jobs that name none. Without any, packs carry the trial identity, or none. */
  identities: NamedIdentity[];
  sign: boolean;
  timestampUrl?: string;
  /** Bytes of evidence that one job may fetch. */
  evidenceBytes: number;
}

/** @throws ProbityError JOB_REFUSED for a place outside of those that the worker was started with */
export function requireAllowed(place: Place, roots: readonly Place[], what: 'evidence' | 'results'): void {
  if (isAllowed(place, roots)) return;
  throw new ProbityError('JOB_REFUSED', `this worker may not ${what === 'evidence' ? 'read' : 'write'} there`, {
    where: placeText(place),
    remedy: `Start it with --${what === 'evidence' ? 'evidence-root' : 'results-root'} and that place`,
  });
}

/** The identity that a job asks for. @throws ProbityError JOB_REFUSED when the worker has none of that name */
export function identityFor(wanted: string | undefined, bounds: Bounds): NamedIdentity | undefined {
  if (wanted === undefined) return bounds.sign ? bounds.identities[0] : undefined;
  const found = bounds.identities.find(({ name, reference }) => name === wanted || reference === wanted);
  if (found) return found;
  throw new ProbityError('JOB_REFUSED', `this worker has no signing identity of the name that the job gives`, {
    where: wanted.slice(0, 100),
    remedy: 'Start it with --identity NAME=FILE',
  });
}
