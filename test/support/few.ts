import { assess } from '../../src/assess/assess.ts';
import { type Assessment, parseAssessment, serialiseAssessment } from '../../src/assess/assessment.ts';
import { findProfile } from '../../src/catalog/catalog.ts';
import type { Observation, ObservationBody } from '../../src/evidence/observation.ts';
import type { Workspace } from '../../src/workspace/workspace.ts';
import { alike, scores, trials, workspace } from './assessing.ts';
import { catalog } from './reading.ts';
import { AS_OF } from './workspace.ts';

/* Assessments that a few controls decide, so that a whole class can be satisfied. */

/** A piece of evidence: observations that lie in one file. */
export interface Piece {
  path: string;
  /** Tells contents apart; the same text is the same file. */
  content?: string;
  format?: string;
  collected?: string;
  bodies: readonly ObservationBody[];
}

export interface Few {
  controls?: readonly string[];
  workspace?: string;
  profile?: string;
  parameters?: Record<string, number | string>;
  off?: { control: string; reason: string; by: string }[];
  asOf?: string;
}

/** The controls that these assessments ask by default: two a class. */
const FEW = ['MI-02', 'MI-03', 'INV-05', 'INV-06'] as const;

const digest = (text: string): string =>
  [...text]
    .reduce((sum, one) => (sum * 31n + BigInt(one.codePointAt(0) ?? 0)) % 2n ** 256n, 7n)
    .toString(16)
    .padStart(64, '0');

/** Assesses pieces of evidence against a few controls of the catalog. */
export function few(pieces: readonly Piece[], options: Few = {}): Assessment {
  const { controls = FEW, asOf = AS_OF, off = [] } = options;
  const documents = catalog.controls.filter(({ document }) => controls.includes(document.id));
  const declared: Workspace = workspace(options.workspace ?? '');
  const observations = pieces.flatMap(({ path, content = path, bodies }) =>
    bodies.map((body, index): Observation => ({ ...body, source: { path, sha256: digest(content), at: `/${index}` } })),
  );
  const base = findProfile(catalog, options.profile ?? 'moderate');
  const assessment = assess({
    workspace: declared,
    catalog: { ...catalog, controls: documents, changes: { ...catalog.changes, off } },
    profile: { ...base, parameters: { ...base.parameters, ...options.parameters } },
    files: pieces
      .map(({ path, content = path, bodies, format = 'test', collected }) => ({
        path,
        sha256: digest(content),
        bytes: 1,
        format,
        accepted: true,
        observations: bodies.length,
        ...(collected === undefined ? {} : { collected }),
        warnings: [],
        unmapped: [],
      }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    observations,
    asOf,
    tool: { name: 'probity', version: '0' },
    redacted: true,
  });
  return parseAssessment(serialiseAssessment(assessment), 'test');
}

/** Scores that pass, and trials that pass: both classes are satisfied. */
export function passing(collected = '2026-09-15', content = ''): Piece[] {
  return [
    { path: 'scores.csv', content: `s${content}`, bodies: [scores(5000, 0, { collected, baseline: alike(5000) })] },
    {
      path: 'prompts.yaml',
      content: `p${content}`,
      bodies: [trials('prompt-leakage', 0, 900, { collected, toolDetector: true })],
    },
    {
      path: 'secrets.yaml',
      content: `k${content}`,
      bodies: [trials('secret-recovery', 0, 900, { collected, toolDetector: true })],
    },
  ];
}
