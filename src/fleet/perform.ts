import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Assessment } from '../assess/assessment.ts';
import { serialiseAssessment } from '../assess/assessment.ts';
import { assessWorkspace } from '../assess/assessWorkspace.ts';
import { type Catalog, loadCatalog } from '../catalog/catalog.ts';
import { ProbityError } from '../errors.ts';
import { buildPack } from '../pack/build.ts';
import { findFormats } from '../pack/choose.ts';
import { fingerprint } from '../pki/certificates.ts';
import type { Signer } from '../pki/signer.ts';
import { loadSigner } from '../sign/keys/index.ts';
import { readPassphrase } from '../sign/passphrase.ts';
import type { SealOptions } from '../sign/pdf/levels.ts';
import { trialSigner } from '../sign/trial.ts';
import { TOOL } from '../tool.ts';
import { overlaysOf } from '../workspace/overlays.ts';
import { loadWorkspace } from '../workspace/workspace.ts';
import { type Bounds, identityFor, requireAllowed } from './bounds.ts';
import { findInputs, type Inputs } from './inputs.ts';
import { digestOf, type Job, type Outcome } from './job.ts';
import { below, type Place, parsePlace, placeText } from './places.ts';
import { type PackRecord, Results } from './results.ts';
import { openStore } from './stores.ts';

/* One job: evidence found, a pack that is there taken or a new one made. It runs in a process of its own (child.ts). */

type Made = Pick<PackRecord, 'packAsOf'> & { folder: string; how: Outcome['how']; bytes: number };

/**
 * Makes the pack of one system, or finds that it is there.
 * @throws ProbityError, also JOB_REFUSED for what the worker's bounds do not allow
 */
export async function performJob(job: Job, bounds: Bounds): Promise<Outcome> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const place = resultsPlace(job.results, bounds);
  const scratch = await mkdtemp(path.join(tmpdir(), 'probity-fleet-'));
  try {
    const made = await packOf(job, place, bounds, scratch);
    const spent = process.cpuUsage(cpu);
    return {
      pack: placeText(below(place, made.folder)),
      how: made.how,
      asOf: made.packAsOf,
      bytes: made.bytes,
      cpu: (spent.user + spent.system) / 1e6,
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Where results go. @throws ProbityError JOB_REFUSED */
export function resultsPlace(text: string, bounds: Bounds): Exclude<Place, { kind: 'https' }> {
  const place = parsePlace(text, process.cwd());
  requireAllowed(place, bounds.results, 'results');
  if (place.kind === 'https') throw new ProbityError('JOB_REFUSED', 'results go to a folder or to S3', { where: text });
  return place;
}

async function packOf(
  job: Job,
  place: Exclude<Place, { kind: 'https' }>,
  bounds: Bounds,
  scratch: string,
): Promise<Made> {
  const formats = findFormats(job.format);
  const signer = await signerFor(job.identity, bounds);
  const results = new Results(await openStore(place));
  const inputs = await findInputs(job, bounds, scratch);
  const settings = [
    job.system,
    job.profile ?? null,
    [...job.format].sort(),
    signer ? fingerprint(signer.certificate) : null,
    bounds.timestampUrl ?? null,
    TOOL.version,
  ];
  const listing = digestOf([
    settings,
    job.asOf,
    await catalogDigest(),
    digestOf(inputs.config.toString('base64')),
    inputs.listing,
  ]);
  const force = job.force !== undefined;
  const listed = force ? undefined : await results.ofListing(listing);
  if (listed && listed.system === job.system) return { ...madeBy(listed, 'same-listing'), bytes: 0 };

  const { assessment, bytes } = await assessed(job, inputs);
  // All that decides a pack, but its date, shows in its assessment, or in how it is written and signed.
  const decided = digestOf([settings, serialiseAssessment({ ...assessment, asOf: '' })]);
  const record = await takenOrMade();
  await results.noteListing(listing, record.record);
  return { ...madeBy(record.record, record.how), bytes };

  async function takenOrMade(): Promise<{ record: PackRecord; how: Outcome['how'] }> {
    if (!force) {
      const same = await results.of(job.system, decided, job.asOf);
      if (same) return { record: same, how: 'same-content' };
      const former = await results.before(job.system, decided, job.asOf);
      if (former) return { record: await results.carry(former, job.asOf), how: 'nothing-aged' };
    }
    const files = await buildPack(assessment, {
      formats,
      ...(signer ? { identity: signer } : {}),
      signing: signingWith(bounds),
    });
    const fields = { system: job.system, inputs: decided, asOf: job.asOf };
    return { record: await results.put(fields, files, force), how: 'made' };
  }
}

/** How everything is signed that a worker signs. */
export function signingWith({ timestampUrl }: Bounds): SealOptions {
  return {
    role: 'preparer',
    time: new Date(),
    ...(timestampUrl === undefined ? {} : { timestamp: { url: timestampUrl, optional: false, trust: undefined } }),
    level: 'auto',
    visible: true,
  };
}

function madeBy(record: PackRecord, how: Outcome['how']): Omit<Made, 'bytes'> {
  return { folder: Results.folderOf(record), packAsOf: record.packAsOf, how };
}

async function assessed(job: Job, inputs: Inputs): Promise<{ assessment: Assessment; bytes: number }> {
  const { config, evidence } = await inputs.bring();
  const loaded = await loadWorkspace(config);
  const overlays = overlaysOf(loaded);
  const assessment = await assessWorkspace({
    config,
    ...(evidence ? { evidence } : {}),
    asOf: job.asOf,
    ...(job.profile === undefined ? {} : { profile: job.profile }),
    ...(overlays.length === 0 ? { catalog: await bundledCatalog() } : {}),
  });
  if (assessment.evidence.length === 0)
    throw new ProbityError('EVIDENCE_MISSING', 'no evidence was found', {
      where: job.config,
      remedy: 'Put evidence where the patterns of the workspace point',
    });
  return { assessment, bytes: assessment.evidence.reduce((sum, entry) => sum + entry.bytes, 0) };
}

let bundled: Promise<Catalog> | undefined;

/** The catalog as it comes, read once in a process. */
function bundledCatalog(): Promise<Catalog> {
  bundled ??= loadCatalog();
  return bundled;
}

async function catalogDigest(): Promise<string> {
  return (await bundledCatalog()).sha256;
}

const signers = new Map<string, Promise<Signer>>();

/** The identity that a job is signed by, opened once in a process. */
export async function signerFor(wanted: string | undefined, bounds: Bounds): Promise<Signer | undefined> {
  const named = identityFor(wanted, bounds);
  if (!named) return bounds.sign ? (await trialSigner()).identity : undefined;
  const { name, reference } = named;
  let signer = signers.get(reference);
  if (!signer) {
    signer = loadSigner(reference, { keyFile: undefined, passphrase: () => passphraseOf(name, reference) });
    signers.set(reference, signer);
    signer.catch(() => signers.delete(reference));
  }
  return signer;
}

/** `PROBITY_PASSPHRASE_RELEASE` for the identity called release, else the one for all. */
function passphraseOf(name: string, reference: string): Promise<string> {
  const own = process.env[`PROBITY_PASSPHRASE_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`];
  return own === undefined ? readPassphrase(undefined, `Passphrase of ${reference}: `) : Promise.resolve(own);
}
