import { existsSync } from 'node:fs';
import path from 'node:path';
import { Args, Flags } from '@oclif/core';
import { controlsFlag } from '../../cli/catalog.ts';
import { BaseCommand, commonFlags } from '../../cli/command.ts';
import type { Located } from '../../evidence/observation.ts';
import { counted } from '../../wording.ts';

export default class EvidenceInspect extends BaseCommand {
  static override summary = 'Say what a file is and what comes out of it.';
  static override examples = [
    { description: 'A garak report', command: '<%= config.bin %> <%= command.id %> run.report.jsonl' },
    { description: 'As JSON, for a script', command: '<%= config.bin %> <%= command.id %> scores.csv --json' },
  ];
  static override args = { file: Args.string({ required: true, description: 'the evidence file' }) };
  static override flags = {
    config: Flags.string({
      char: 'c',
      description: 'the workspace file whose sources apply [default: probity.yaml, if there is one]',
    }),
    controls: controlsFlag,
    'no-redact': Flags.boolean({ description: 'do not mask secrets and personal data' }),
    ...commonFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(EvidenceInspect);
    this.settle(flags);
    const { loadCatalog, probeLookup, threatTerms } = await import('../../catalog/catalog.ts');
    const { ingest, ingestFile } = await import('../../evidence/ingest.ts');
    const { isComplete } = await import('../../evidence/parts/part.ts');
    const { overlaysOf } = await import('../../workspace/overlays.ts');
    const { loadWorkspace } = await import('../../workspace/workspace.ts');
    const config = flags.config ?? (existsSync('probity.yaml') ? 'probity.yaml' : undefined);
    const loaded = config === undefined ? undefined : await loadWorkspace(config);
    const root = loaded?.root ?? process.cwd();
    const catalog = await loadCatalog([...(loaded ? overlaysOf(loaded) : []), ...(flags.controls ?? [])]);
    const relative = path.relative(root, path.resolve(args.file)).split(path.sep).join('/');
    const options = {
      root,
      sources: loaded?.workspace.sources ?? [],
      probes: probeLookup(catalog),
      terms: threatTerms(catalog),
      techniques: new Map(catalog.techniques.map(({ id, attackClass }) => [id, attackClass])),
      redact: !flags['no-redact'],
      onProgress: (name: string, read: number, total: number) =>
        this.progress(`reading ${name}: ${Math.floor((100 * read) / Math.max(1, total))}%`),
    };
    const { entry: alone, reading } = await ingestFile(relative, options);
    // A part that holds all of its file says what that says; another one says nothing without the rest.
    const whole =
      reading?.part && isComplete(reading.part)
        ? await ingest({ ...options, patterns: [relative], named: true })
        : undefined;
    const entry = whole?.files[0] ?? alone;
    this.progress(undefined);
    const { unmapped, warnings, observations: _count, ...rest } = entry;
    const observations = whole
      ? whole.observations.map(({ source, ...body }) => brief({ ...body, at: source.at }))
      : (reading?.observations ?? []).map(brief);
    this.emit({ ...rest, path: args.file, observations, unmapped, warnings });
    this.say(`${this.bold(args.file)}`);
    this.say(
      `  format    ${entry.format}${entry.tool ? ` (${entry.tool.name} ${entry.tool.version ?? ''})`.replace(' )', ')') : ''}`,
    );
    this.say(`  sha256    ${entry.sha256}`);
    if (entry.partOf) {
      const { file, first, last, count } = entry.partOf;
      this.say(
        `  part      ${first === last ? first : `${first} to ${last}`} of ${count} of ${file}${whole ? '' : ', which counts with all others'}`,
      );
    }
    this.say(`  collected ${entry.collected ?? 'undated'}`);
    if (!entry.accepted) this.say(`  ${this.tint('rejected', 'bad')}  ${entry.code}: ${entry.reason}`);
    else
      this.say(
        `  ${this.tint('accepted', 'good')}  ${counted(observations.length, 'observation')}, ${unmapped.length === 1 ? '1 test that no probe map explains' : `${unmapped.length} tests that no probe map explains`}`,
      );
    for (const warning of warnings) this.say(`  note      ${warning}`);
    for (const observation of observations.slice(0, 40))
      this.say(`  ${observation.at.padEnd(24)} ${describe(observation)}`);
    if (observations.length > 40) this.say(`  and ${observations.length - 40} more; --json shows all`);
    for (const one of unmapped)
      this.say(`  ${one.at.padEnd(24)} unmapped: ${one.probe}, ${one.successes} of ${one.trials}`);
    if (!entry.accepted) {
      if (!flags.quiet && !flags.json)
        this.say(
          "Next: mend the file, draft its facts (probity evidence map FILE), or give them as one of Probity's own kinds (probity init shows them).",
        );
      this.exit(2);
    }
  }
}

type Brief = { kind: string; at: string } & Record<string, unknown>;

/** An observation for people and scripts: long score columns become their counts. */
function brief(observation: Located): Brief {
  if (observation.kind === 'extraction') {
    const { outcome, ...rest } = observation;
    return { ...rest, targets: 'chances' in outcome ? outcome.chances.length : outcome.successes.length };
  }
  if (observation.kind !== 'scores') return { ...observation };
  const { members, nonMembers, baseline, calibration, groups, ...rest } = observation;
  return {
    ...rest,
    members: members.length,
    nonMembers: nonMembers.length,
    baseline: baseline !== undefined,
    ...(calibration
      ? { calibrationMembers: calibration.members.length, calibrationNonMembers: calibration.nonMembers.length }
      : {}),
    ...(groups ? { groups: groups.map(({ group }) => group) } : {}),
  };
}

function describe(observation: Brief): string {
  const parts = [
    'attackClass',
    'technique',
    'surface',
    'probe',
    'title',
    'name',
    'control',
    'of',
    'date',
    'gives',
    'rule',
    'where',
    'type',
    'sensitivity',
  ].flatMap((key) => (typeof observation[key] === 'string' ? [observation[key]] : []));
  if (observation.name === undefined && typeof observation.id === 'string' && observation.rule === undefined)
    parts.unshift(observation.id);
  if (Array.isArray(observation.scanned))
    parts.push(`${observation.scanned.join(', ')}: ${observation.findings} findings`);
  if (typeof observation.identities === 'number') parts.push(`${observation.identities} identities`);
  const trials = observation.trials;
  if (typeof trials === 'object' && trials !== null && 'k' in trials && 'n' in trials)
    parts.push(`${trials.k} of ${trials.n}`);
  if (typeof observation.members === 'number')
    parts.push(`${observation.members} members, ${observation.nonMembers} non-members`);
  if (typeof observation.attackClass === 'string' && observation.kind !== 'planned-test') {
    parts.push(typeof observation.target === 'string' ? `of ${observation.target}` : 'does not say what it tested');
    if (typeof observation.detector === 'string') parts.push(`success by ${observation.detector}`);
    if (observation.shows === 'failure-only') parts.push('can fail a control, never pass one');
    if (observation.shows === 'neither') parts.push('can neither pass nor fail a control');
  }
  return `${observation.kind}: ${parts.join(', ')}`.replaceAll('\n', ' ');
}
