/*
 * Access controls and blast radius over large inventories, in a process of its own for each size: time and peak memory
 * beside the limit (30 s and 500 MB at 100 000 identities with 1 000 000 entitlements), and how cost grows with size.
 * First from observations, as the controls see them; then the whole way from a JSON file.
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { assess } from '../src/assess/assess.ts';
import { assessWorkspace } from '../src/assess/assessWorkspace.ts';
import { findProfile, loadCatalog } from '../src/catalog/catalog.ts';
import type { Observation, ObservationBody } from '../src/evidence/observation.ts';
import { readYaml } from '../src/files/yaml.ts';
import { seededRandom } from '../src/statistics/random.ts';
import { workspaceSchema } from '../src/workspace/workspace.ts';

const SIZES = [10_000, 30_000, 100_000];
const LIMIT = { seconds: 30, megabytes: 500 };
const WORKSPACE = `apiVersion: probity/v1
kind: System
id: large
name: Large
owner: {name: Bench}
riskTier: moderate
period: {from: 2026-07-01, to: 2026-09-30}
surfaces: [model-api, retrieval-store, agent-tools]
evidence: ["inventory.json"]
`;

/** Identities with ten entitlements each, a tenth of them roles that others may become, in chains and circles. */
function inventory(n: number) {
  const random = seededRandom(n);
  const pick = (count: number): number => Math.floor(random() * count);
  const resources = Array.from({ length: Math.floor(n / 2) }, (_, i) => ({
    id: `store/${i % 97}/${i}`,
    type: (['model', 'data', 'tool', 'log'] as const)[i % 4] ?? ('other' as const),
    stage: (['ingestion', 'tuning', 'inference', 'logs'] as const)[i % 4],
    surface: (['model-api', 'retrieval-store', 'agent-tools'] as const)[i % 3],
    sensitivity: (['internal', 'confidential', 'restricted', 'special-category'] as const)[pick(4)] ?? 'internal',
  }));
  const named = (): string =>
    random() < 0.01 ? `store/${pick(97)}/*` : (resources[pick(resources.length)]?.id ?? '*');
  const entitlements = () => Array.from({ length: 10 }, () => ({ actions: ['read'], resources: [named()] }));
  const roles = Math.floor(n / 10);
  const identities = Array.from({ length: n }, (_, i) => ({
    id: `service/${i}`,
    type: 'machine' as const,
    owner: 'Team',
    lastUsed: '2026-09-20',
    entitlements: entitlements(),
    // Roles lead to a few others; now and then one leads back.
    assumes:
      i < roles
        ? random() < 0.5
          ? [`service/${pick(Math.max(1, i))}`]
          : random() < 0.02
            ? [`service/${pick(roles)}`]
            : []
        : [`service/${pick(roles)}`],
    usedBy: { workloads: ['w'], environments: ['e'] },
    interactive: { enabled: false },
    credentials: [{ id: `k${i}`, type: 'key', created: '2026-09-01', expires: '2026-12-01', lastUsed: '2026-09-20' }],
  }));
  return { identities, resources };
}

async function fromObservations(n: number): Promise<number> {
  const source = { path: 'inventory.json', sha256: 'a'.repeat(64), at: '/' };
  const { identities, resources } = inventory(n);
  const bodies: ObservationBody[] = [
    ...identities.map(
      (one): ObservationBody => ({
        kind: 'identity',
        name: one.id,
        statesOwners: true,
        statesType: true,
        active: true,
        collected: '2026-09-25',
        ...one,
        credentials: one.credentials.map((credential) => ({ ...credential, active: true })),
      }),
    ),
    ...resources.map((one): ObservationBody => {
      const { stage, surface, ...rest } = one;
      return {
        kind: 'resource',
        collected: '2026-09-25',
        ...rest,
        ...(stage ? { stage } : {}),
        ...(surface ? { surface } : {}),
      };
    }),
  ];
  const observations = bodies.map((body, index): Observation => ({ ...body, source: { ...source, at: `/${index}` } }));
  const catalog = await loadCatalog();
  const access = { ...catalog, controls: catalog.controls.filter(({ document }) => document.family === 'access') };
  const workspace = readYaml(workspaceSchema, WORKSPACE, 'probity.yaml', 'WORKSPACE_INVALID');
  const started = performance.now();
  const made = assess({
    workspace,
    catalog: access,
    profile: findProfile(catalog, 'moderate'),
    files: [],
    observations,
    asOf: '2026-09-30',
    tool: { name: 'probity', version: '0' },
    redacted: true,
  });
  if (made.identities.widest.length === 0) throw new Error('nothing was reached');
  return (performance.now() - started) / 1000;
}

async function fromFile(n: number): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'probity-bench-'));
  try {
    writeFileSync(path.join(folder, 'probity.yaml'), WORKSPACE);
    execFileSync(process.execPath, [
      fileURLToPath(import.meta.url),
      'write',
      String(n),
      path.join(folder, 'inventory.json'),
    ]);
    const started = performance.now();
    const made = await assessWorkspace({ config: path.join(folder, 'probity.yaml'), asOf: '2026-09-30' });
    if (made.identities.total !== n) throw new Error(made.evidence[0]?.reason ?? 'the file was not read');
    return (performance.now() - started) / 1000;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Written by a process of its own, so that making the file does not count into the reader's memory. */
async function writeInventory(n: number, file: string): Promise<void> {
  const { identities, resources } = inventory(n);
  const out = createWriteStream(file);
  out.write('{"apiVersion":"probity/v1","kind":"AccessInventory","collected":"2026-09-25","identities":[');
  for (let at = 0; at < identities.length; at += 1000)
    out.write(
      `${at > 0 ? ',' : ''}${identities
        .slice(at, at + 1000)
        .map((one) => JSON.stringify(one))
        .join(',')}`,
    );
  out.write('],"resources":[');
  for (let at = 0; at < resources.length; at += 1000)
    out.write(
      `${at > 0 ? ',' : ''}${resources
        .slice(at, at + 1000)
        .map((one) => JSON.stringify(one))
        .join(',')}`,
    );
  await new Promise<void>((resolve) => {
    out.end(']}', () => resolve());
  });
}

function megabytes(): number {
  return process.resourceUsage().maxRSS / 1024;
}

const [task, size, file] = process.argv.slice(2);
if (task === 'observations' || task === 'file') {
  const seconds = await (task === 'file' ? fromFile(Number(size)) : fromObservations(Number(size)));
  process.stdout.write(JSON.stringify({ seconds, megabytes: megabytes() }));
} else if (task === 'write') await writeInventory(Number(size), file ?? '');
else
  for (const what of ['observations', 'file']) {
    let before: number | undefined;
    for (const n of SIZES) {
      const { seconds, megabytes: peak }: { seconds: number; megabytes: number } = JSON.parse(
        execFileSync(process.execPath, [fileURLToPath(import.meta.url), what, String(n)], { encoding: 'utf8' }),
      );
      const each = (seconds / n) * 1e6;
      console.log(
        `access from ${what}, ${n} identities, ${n * 10} entitlements: ${seconds.toFixed(2)} s (${(seconds / LIMIT.seconds).toFixed(2)} of the limit), ${peak.toFixed(0)} MB (${(peak / LIMIT.megabytes).toFixed(2)}), ${each.toFixed(1)} us each${before === undefined ? '' : ` (${(each / before).toFixed(2)} times the size before)`}`,
      );
      before = each;
    }
  }
