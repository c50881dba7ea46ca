import { z } from 'zod';
import { table } from '../../../table.ts';
import { type Adapter, newReading } from '../../adapter.ts';
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
const invocations = z.array(z.looseObject({ endTimeUtc: z.string().nullish(), startTimeUtc: z.string().nullish() }));

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
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    (/"\$schema"\s*:\s*"[^"]*sarif/i.test(head.text) ||
      (/"version"\s*:\s*"2\.1\.0"/.test(head.text) && /"runs"\s*:/.test(head.text)))
      ? 0.9
      : 0,
  async read(file, context) {
    const runs = new Map<string, Run>();
    let left = 0;
    const paths = ['$.runs.*.tool', '$.runs.*.invocations', '$.runs.*.results.*'];
    await eachValue(file, paths, (value, at) => {
      const number = at.split('/')[2] ?? '';
      const run: Run = runs.get(number) ?? { results: [] };
      runs.set(number, run);
      if (at.endsWith('/tool')) run.tool = fitted(driver, value, file, 'SARIF', at).driver;
      else if (at.endsWith('/invocations')) {
        const times = fitted(invocations, value, file, 'SARIF', at);
        const time = moment(times[0]?.endTimeUtc ?? times[0]?.startTimeUtc);
        if (time !== undefined) run.time = time;
      } else if (run.results.length >= MOST_RESULTS) left++;
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
    const [first] = runs.values();
    const name = first?.tool?.name ?? 'SARIF';
    const version = first?.tool?.semanticVersion ?? first?.tool?.version;
    const tool = { name, ...(version ? { version } : {}) };
    if (runs.size === 1 && first && SECRETS.test(name)) {
      const found = first.results.filter(({ outcome }) => outcome !== 'passed');
      return secretReading(
        { tool, what: 'the report', date: first.time, at: '/runs/0' },
        found.map(
          // A suppression does not say who looked and when, so it settles nothing.
          ({ id, where, at }): FoundSecret => ({ id: `${where}/${id}`, rule: id, where, at }),
        ),
        context,
      );
    }
    if (/^probity$/i.test(name)) {
      const reading = newReading(tool);
      reading.warnings.push('it was written by Probity itself, and is no evidence for another assessment');
      return reading;
    }
    const counts = new FindingCounts();
    for (const run of runs.values()) {
      counts.time(run.time);
      const titles = new Map(
        (run.tool?.rules ?? []).map((rule) => [rule.id, rule.shortDescription?.text ?? rule.name ?? rule.id]),
      );
      for (const { id, outcome, severity, at } of run.results)
        counts.add({ id, title: titles.get(id), severity }, outcome, at);
    }
    const reading = counts.reading(tool, 'the report', context);
    reading.warnings.push('SARIF counts hits and not attempts, so no rate follows from it (not-recomputable)');
    if (left > 0) reading.warnings.push(`${left} results beyond ${MOST_RESULTS} are not counted`);
    return reading;
  },
};
