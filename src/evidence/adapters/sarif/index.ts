import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Tool } from '../../../terms.ts';
import { type Adapter, type AdapterContext, newReading, type Reading } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import type { ToolFindingBody } from '../../observations/operations.ts';
import { type FoundSecret, placeOf, secretReading } from '../../secretScans.ts';
import { eachValue } from '../../streaming.ts';
import { FindingCounts, type Outcome } from '../../toolFindings.ts';

// SARIF 2.1.0 (OASIS): results of static analysis. Its hits are counted by rule. What a scanner of secrets found is taken as
// that; messages and snippets may hold the secret and are never taken.

const result = z.looseObject({
  ruleId: z.string().max(300).nullish(),
  rule: z.looseObject({ id: z.string().max(300).nullish() }).nullish(),
  level: z.string().nullish(),
  kind: z.string().nullish(),
  suppressions: z.array(z.looseObject({ status: z.string().nullish() })).nullish(),
  locations: z
    .array(
      z.looseObject({
        physicalLocation: z
          .looseObject({
            artifactLocation: z.looseObject({ uri: z.string().max(1000).nullish() }).nullish(),
            region: z.looseObject({ startLine: z.number().nullish() }).nullish(),
          })
          .nullish(),
      }),
    )
    .nullish(),
  partialFingerprints: z.record(z.string(), z.unknown()).nullish(),
});
const driver = z.looseObject({
  driver: z.looseObject({
    name: z.string().max(200),
    version: z.string().max(60).nullish(),
    semanticVersion: z.string().max(60).nullish(),
    rules: z
      .array(
        z.looseObject({
          id: z.string().max(300),
          name: z.string().nullish(),
          shortDescription: z.looseObject({ text: z.string().nullish() }).nullish(),
        }),
      )
      .nullish(),
  }),
});
const invocations = z
  .array(
    z.looseObject({
      endTimeUtc: z.string().nullish(),
      startTimeUtc: z.string().nullish(),
      executionSuccessful: z.boolean().nullish(),
      toolExecutionNotifications: z.array(z.looseObject({ level: z.string().nullish() })).nullish(),
    }),
  )
  .nullish();

const elsewhere = z.looseObject({ results: z.array(z.unknown()).nullish() }).nullish();

type Result = z.infer<typeof result>;

const LEVELS = table<ToolFindingBody['severity']>({ error: 'high', warning: 'medium', note: 'low', none: 'low' });
const KINDS = table<Outcome>({
  fail: 'failed',
  pass: 'passed',
  open: 'manual',
  review: 'manual',
  informational: 'manual',
  notApplicable: 'passed',
});
const SECRETS = /gitleaks|trufflehog|detect-secrets|ggshield|gitguardian|whispers|kingfisher|titus|noseyparker/i;

/** One run of a tool in the file. */
interface Run {
  tool?: z.infer<typeof driver>['driver'];
  time?: string;
  /** How the file says that the tool did not get to its end. */
  failed?: string;
  /** Whether results lie in other files. */
  elsewhere?: boolean;
  /** Whether results are listed; a run without the list, or with `null` for it, made none (SARIF 2.1.0, 3.14.23). */
  listed?: boolean;
  results: { id: string; outcome: Outcome; severity: ToolFindingBody['severity']; where: string; at: string }[];
}

function outcomeOf({ kind, suppressions }: Result): Outcome {
  if (suppressions?.some(({ status }) => status !== 'rejected')) return 'muted';
  return KINDS[kind ?? 'fail'] ?? 'manual';
}

/** So many results are kept until the tool's name, which may stand behind them, is known. */
const MOST_RESULTS = 500_000;

export const adapter: Adapter = {
  format: 'sarif',
  title: 'SARIF 2.1.0',
  about: {
    group: 'findings of other tools',
    files: 'SARIF 2.1.0',
    recognisedBy: '`$schema`, `runs`',
    gives:
      'hits by rule; of gitleaks and other scanners of secrets, findings of secrets, and a search where the run ended well and lists its results; what Probity itself wrote is no evidence',
    limits: 'a number of hits says nothing of how often was tried',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    (/"\$schema"\s*:\s*"[^"]*sarif/i.test(head.text) ||
      (/"version"\s*:\s*"2\.1\.0"/.test(head.text) && /"runs"\s*:/.test(head.text)))
      ? 0.9
      : 0,
  async read(file, context) {
    const runs = new Map<string, Run>();
    let left = 0;
    const paths = [
      '$.runs.*.tool',
      '$.runs.*.invocations',
      '$.runs.*.externalPropertyFileReferences',
      '$.runs.*.results',
      '$.runs.*.results.*',
    ];
    await eachValue(file, paths, (value, at) => {
      const number = at.split('/')[2] ?? '';
      const run: Run = runs.get(number) ?? { results: [] };
      runs.set(number, run);
      if (at.endsWith('/tool')) run.tool = fitted(driver, value, file, 'SARIF', at).driver;
      else if (at.endsWith('/invocations')) {
        const times = fitted(invocations, value, file, 'SARIF', at);
        const time = moment(times?.[0]?.endTimeUtc ?? times?.[0]?.startTimeUtc);
        if (time !== undefined) run.time = time;
        if (times?.some((one) => one.executionSuccessful === false)) run.failed = 'executionSuccessful is false';
        else if (times?.some((one) => one.toolExecutionNotifications?.some(({ level }) => level === 'error')))
          run.failed = 'it notified of an error';
      } else if (at.endsWith('/externalPropertyFileReferences')) {
        if (fitted(elsewhere, value, file, 'SARIF', at)?.results?.length) run.elsewhere = true;
      } else if (/^\/runs\/[^/]+\/results$/.test(at)) run.listed = Array.isArray(value);
      else if (run.results.length >= MOST_RESULTS) left++;
      else {
        const found = fitted(result, value, file, 'SARIF', at);
        const spot = found.locations?.[0]?.physicalLocation;
        const commit = found.partialFingerprints?.['commitSha'];
        run.results.push({
          id: found.ruleId ?? found.rule?.id ?? '(no rule)',
          outcome: outcomeOf(found),
          severity: LEVELS[found.level ?? 'warning'] ?? 'unknown',
          where: placeOf(
            spot?.artifactLocation?.uri ?? 'an unnamed place',
            spot?.region?.startLine,
            typeof commit === 'string' ? commit : undefined,
          ),
          at,
        });
      }
    });
    const kinds = Map.groupBy(runs, ([, { tool }]) => kindOf(tool?.name ?? ''));
    const searches = (kinds.get('secrets') ?? []).map(([number, run]) => searched(run, `/runs/${number}`, context));
    const others = (kinds.get('other') ?? []).map(([, run]) => run);
    const readings = others.length > 0 || runs.size === 0 ? [...searches, counted(others, left, context)] : searches;
    const [first] = readings;
    const reading: Reading = {
      ...(first ?? newReading({ name: 'Probity' })),
      observations: readings.flatMap(({ observations }) => observations),
      warnings: [...new Set(readings.flatMap(({ warnings }) => warnings))],
    };
    if (kinds.has('own'))
      reading.warnings.push('it was written by Probity itself, and is no evidence for another assessment');
    return reading;
  },
};

function kindOf(name: string): 'secrets' | 'own' | 'other' {
  return SECRETS.test(name) ? 'secrets' : /^probity$/i.test(name) ? 'own' : 'other';
}

function toolOf({ tool }: Run): Tool {
  const version = tool?.semanticVersion ?? tool?.version;
  return { name: tool?.name ?? 'SARIF', ...(version ? { version } : {}) };
}

/** One run of a scanner of secrets, which searched nothing where it failed or lists no results. */
function searched(run: Run, at: string, context: AdapterContext): Reading {
  const tool = toolOf(run);
  const unfinished = run.failed
    ? `a run of ${tool.name} did not end well (${run.failed})`
    : run.elsewhere
      ? `a run of ${tool.name} has results in other files (externalPropertyFileReferences)`
      : run.listed
        ? undefined
        : `a run of ${tool.name} lists no results, not even an empty list, which SARIF writes for a run that found nothing`;
  return secretReading(
    { tool, what: 'the report', date: run.time, at, unfinished },
    run.results
      .filter(({ outcome }) => outcome !== 'passed')
      // A suppression does not say who looked and when, so it settles nothing.
      .map(({ id, where, at }): FoundSecret => ({ id: `${where}/${id}`, rule: id, where, at })),
    context,
  );
}

/** Runs of other tools, whose hits are counted by rule. */
function counted(runs: readonly Run[], left: number, context: AdapterContext): Reading {
  const counts = new FindingCounts();
  for (const run of runs) {
    counts.time(run.time);
    const titles = new Map(
      (run.tool?.rules ?? []).map((rule) => [rule.id, rule.shortDescription?.text ?? rule.name ?? rule.id]),
    );
    for (const { id, outcome, severity, at } of run.results)
      counts.add({ id, title: titles.get(id), severity }, outcome, at);
  }
  const reading = counts.reading(toolOf(runs[0] ?? { results: [] }), 'the report', context);
  reading.warnings.push('SARIF counts hits and not attempts, so no rate follows from it (not-recomputable)');
  if (left > 0) reading.warnings.push(`${left} results beyond ${MOST_RESULTS} are not counted`);
  return reading;
}
