import path from 'node:path';
import {
  type AssessInput,
  type Assessment,
  assess,
  buildPack,
  type Catalog,
  createTrialSigner,
  findFormats,
  findProfile,
  type Ingested,
  type IngestOptions,
  ingest,
  type LoadedWorkspace,
  loadCatalog,
  loadSigner,
  loadWorkspace,
  type PackOptions,
  parseAssessment,
  probeLookup,
  type Reperformance,
  reperform,
  type Signer,
  statistics,
  threatTerms,
  type VerificationReport,
  verifyPaths,
  writePack,
} from '../../src/index.ts';

/*
 * A program of somebody else, written against the public interface alone: every value that goes in or comes out has a type
 * that it exports. That this file compiles is half of the test.
 */

export interface Outcome {
  assessment: Assessment;
  again: Assessment;
  verified: VerificationReport;
  performed: Reperformance;
  upper: number;
}

/** Assesses a workspace step by step, signs the JSON and the workbook, and verifies both. */
export async function consume(config: string, asOf: string, folder: string): Promise<Outcome> {
  const { workspace, root }: LoadedWorkspace = await loadWorkspace(config);
  const catalog: Catalog = await loadCatalog();
  const options: IngestOptions = {
    patterns: workspace.evidence,
    ignore: [...workspace.ignore, path.basename(config)],
    root,
    sources: workspace.sources,
    probes: probeLookup(catalog),
    terms: threatTerms(catalog),
  };
  const { files, observations }: Ingested = await ingest(options);
  const input: AssessInput = {
    workspace,
    catalog,
    profile: findProfile(catalog, workspace.riskTier),
    files,
    observations,
    asOf,
    tool: { name: 'a program', version: '1' },
    redacted: true,
  };
  const assessment: Assessment = assess(input);

  const secret = 'consumer';
  const key = path.join(folder, 'signer.p12');
  await createTrialSigner(key, secret, 'A program');
  const identity: Signer = await loadSigner(key, { passphrase: async () => secret });
  const pack: PackOptions = {
    formats: findFormats(['xlsx', 'json']),
    identity,
    signing: { role: 'preparer', time: new Date() },
  };
  const out = path.join(folder, 'pack');
  const made = await buildPack(assessment, pack);
  await writePack(out, made);
  const bytes = made.get('assessment.json') ?? new Uint8Array();
  return {
    assessment,
    again: parseAssessment(Buffer.from(bytes).toString('utf8'), 'assessment.json'),
    verified: await verifyPaths([out], [], false),
    performed: await reperform(out, root, config),
    upper: statistics.clopperPearson(0, 100, 0.95).upper,
  };
}
