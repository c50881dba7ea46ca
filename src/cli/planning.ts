import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProbityError } from '../errors.ts';
import type { Signer } from '../pki/signer.ts';
import type { Committed, Plan } from '../plan/plan.ts';

const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

interface PlanFlags {
  config: string;
  profile: string | undefined;
  controls: string[] | undefined;
  'calls-per-second': number;
}

/** The plan of a workspace, its root and its owner. */
export async function planFromFlags(flags: PlanFlags): Promise<{ plan: Plan; root: string; owner: string }> {
  const { loadWorkspace } = await import('../workspace/workspace.ts');
  const { overlaysOf } = await import('../workspace/overlays.ts');
  const { findProfile, loadCatalog } = await import('../catalog/catalog.ts');
  const { planOf } = await import('../plan/plan.ts');
  const loaded = await loadWorkspace(flags.config);
  const { workspace, root } = loaded;
  const catalog = await loadCatalog([...overlaysOf(loaded), ...(flags.controls ?? [])]);
  const profile = findProfile(catalog, flags.profile ?? workspace.riskTier);
  const examples = catalog.controls.flatMap(({ document }) =>
    document.evidence.flatMap(({ example }) => (example === undefined ? [] : [example])),
  );
  const kinds = await kindsOf(new Set(examples));
  const committed = await committedIn(workspace.evidence, workspace.ignore, root);
  return {
    plan: planOf({ workspace, catalog, profile, kinds, committed, callsPerSecond: flags['calls-per-second'] }),
    root,
    owner: workspace.owner.name,
  };
}

/** The kind of document that each bundled example is. */
async function kindsOf(examples: ReadonlySet<string>): Promise<Map<string, string>> {
  const kinds = new Map<string, string>();
  for (const example of examples) {
    const text = await readFile(path.join(PACKAGE, example), 'utf8').catch(() => '');
    const kind = /^kind: *(\w+)/m.exec(text)?.[1];
    if (kind !== undefined) kinds.set(example, kind);
  }
  return kinds;
}

/** A plan is written by hand or by --commit, and never long. */
const LONGEST = 2 ** 20;

/** The tests of the plans that lie in the evidence already. */
async function committedIn(patterns: readonly string[], ignore: readonly string[], root: string): Promise<Committed[]> {
  const { findEvidence } = await import('../evidence/find.ts');
  const { readYaml } = await import('../files/yaml.ts');
  const { testPlanSchema } = await import('../evidence/adapters/probity/testPlan.ts');
  const files = await findEvidence({ patterns, ignore, root }).catch((error: unknown) => {
    if (error instanceof ProbityError) return [];
    throw error;
  });
  const found: Committed[] = [];
  for (const file of files.filter((name) => /\.ya?ml$/.test(name))) {
    const text = await readFile(path.join(root, file), 'utf8').catch(() => '');
    if (text.length > LONGEST || !/^kind: *TestPlan\s*$/m.test(text)) continue;
    try {
      found.push(...readYaml(testPlanSchema, text, file, 'EVIDENCE_MALFORMED').plans);
    } catch (error) {
      // That a plan is malformed is said by the run; here it plans nothing.
      if (!(error instanceof ProbityError)) throw error;
    }
  }
  return found;
}

/** A statement signed, with a time-stamp over the signature where one is asked for. */
export async function cosignable(statement: object, signer: Signer, url: string | undefined): Promise<string> {
  const { readEnvelope, sealEnvelope, stampEnvelope } = await import('../pki/dsse.ts');
  const envelope = sealEnvelope(statement, signer);
  if (url === undefined) return envelope;
  const { requestTimestamp } = await import('../pki/timestamp.ts');
  return stampEnvelope(readEnvelope(envelope, 'the plan'), (data) => requestTimestamp(url, data));
}
