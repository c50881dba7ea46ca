import { Args, Flags } from '@oclif/core';
import type { Assessment } from '../assess/assessment.ts';
import { ProbityError, whyUnread } from '../errors.ts';
import { readNamed } from '../files/read.ts';
import { changeLine } from '../report/view/change.ts';
import { verdictSentence } from '../report/view/verdict.ts';
import { CLASS_TITLES, STATE_TITLES, verdictInWords } from '../report/words.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import { controlsFlag } from './catalog.ts';
import { asOfDate, type BaseCommand, findConfig } from './command.ts';
import { readBefore } from './handed.ts';

/* What `run` and `assess` have in common. */

export const evidenceArguments = {
  evidence: Args.string({
    description: 'evidence files, folders or patterns; without any, those that the workspace names',
  }),
};

export const responsesFlag = Flags.string({
  description:
    'what people answered to the findings, a file of kind Responses [default: the one that probity.yaml names under responses]',
});

export const assessFlags = {
  config: Flags.string({ char: 'c', description: 'the workspace file [default: probity.yaml]' }),
  profile: Flags.string({
    description:
      'thresholds to judge by: low, moderate, high or one of your own [default: the risk tier of the workspace]',
  }),
  controls: controlsFlag,
  responses: responsesFlag,
  previous: Flags.string({
    description:
      'the assessment or pack before this one, to say what changed; may be given more than once, up to eight are drawn beside each other',
    multiple: true,
  }),
  'as-of': Flags.string({ description: 'the date the assessment speaks of, YYYY-MM-DD [default: today]' }),
  strict: Flags.boolean({ description: 'stop with exit code 2 when an evidence file is rejected' }),
  'no-redact': Flags.boolean({ description: 'do not mask secrets and personal data; the cover says so' }),
  'show-content': Flags.boolean({
    description: 'show a few of the leaked answers at their measurements, masked and cut short; the cover says so',
  }),
  'fail-on': Flags.string({
    description: 'exit with 1 when a result of either class is in this state',
    options: ['not-satisfied', 'not-assessed'],
    multiple: true,
  }),
};

interface AssessFlags {
  config: string | undefined;
  profile: string | undefined;
  controls: string[] | undefined;
  responses: string | undefined;
  previous: string[] | undefined;
  'as-of': string | undefined;
  strict: boolean;
  'no-redact': boolean;
  'show-content': boolean;
  'fail-on': string[] | undefined;
}

const PROGRESS_BYTES = 50 * 2 ** 20;

/** Runs the assessment that the flags describe, with progress for large files. */
export async function assessFromFlags(
  flags: AssessFlags,
  evidence: readonly string[],
  progress: (text: string | undefined) => void,
): Promise<Assessment> {
  const { assessWorkspace } = await import('../assess/assessWorkspace.ts');
  const before = flags.previous ? await readBefore(flags.previous, undefined) : undefined;
  try {
    const assessment = await assessWorkspace({
      config: findConfig(flags.config, evidence),
      evidence,
      asOf: await asOfDate(flags['as-of']),
      ...(flags.profile ? { profile: flags.profile } : {}),
      ...(flags.controls ? { controls: flags.controls } : {}),
      ...(flags.responses === undefined ? {} : { responses: flags.responses }),
      redact: !flags['no-redact'],
      showContent: flags['show-content'],
      strict: flags.strict,
      onProgress: (path, read, total) =>
        progress(total > PROGRESS_BYTES ? `reading ${path}: ${Math.floor((100 * read) / total)}%` : `reading ${path}`),
    });
    if (!before) return assessment;
    const { withHistory } = await import('../compare/history.ts');
    const { loadCatalog } = await import('../catalog/catalog.ts');
    const { bundledProfiles } = await loadCatalog();
    return withHistory(
      assessment,
      before.map((one) => one.assessment),
      bundledProfiles,
    );
  } finally {
    progress(undefined);
  }
}

/** The two verdicts in words, one line each, and what to know about the evidence. */
function summaryLines(assessment: Assessment): {
  attackClass: AttackClass;
  title: string;
  state: Assessment['verdicts']['inversion']['state'];
  text: string;
  sentence: string;
  counts: string;
  rests: string[];
}[] {
  return ATTACK_CLASSES.map((attackClass) => {
    const verdict = assessment.verdicts[attackClass];
    const counts = (['satisfied', 'not-satisfied', 'not-assessed', 'risk-accepted', 'not-applicable'] as const)
      .filter((state) => (verdict.counts[state] ?? 0) > 0)
      .map((state) => `${verdict.counts[state]} ${STATE_TITLES[state].toLowerCase()}`);
    return {
      attackClass,
      title: CLASS_TITLES[attackClass],
      state: verdict.state,
      text: STATE_TITLES[verdict.state],
      sentence: verdictSentence(assessment, attackClass),
      counts: counts.join(', '),
      rests: verdictInWords(verdict),
    };
  });
}

/** Whether a state the caller asked to fail on occurs. */
export function failsOn(assessment: Assessment, states: readonly string[] | undefined): boolean {
  return assessment.results.some((result) => states?.includes(result.state));
}

/** Prints the verdicts and the rejected files. */
export function printSummary(command: BaseCommand, assessment: Assessment): void {
  const accepted = assessment.evidence.filter((entry) => entry.accepted).length;
  command.say(`${command.bold(assessment.system.name)}, as of ${assessment.asOf}, profile ${assessment.profile.id}`);
  for (const line of summaryLines(assessment)) {
    const mood = line.state === 'satisfied' ? 'good' : line.state === 'not-satisfied' ? 'bad' : 'unsure';
    command.say(`  ${line.title.padEnd(22)}${command.tint(line.text.padEnd(15), mood)}${line.counts}`);
    command.say(`  ${' '.repeat(22)}${line.sentence}`);
    command.say(`  ${' '.repeat(22)}${line.rests.join(' ')}`);
    const since = changeLine(assessment, line.attackClass);
    if (since !== undefined) command.say(`  ${' '.repeat(22)}${since}`);
  }
  command.say(
    `  Evidence              ${accepted} of ${assessment.evidence.length} files used, root ${assessment.evidenceRoot.slice(0, 16)}`,
  );
  for (const entry of assessment.evidence.filter((one) => !one.accepted))
    command.say(`  ${command.tint('rejected', 'unsure')}              ${entry.path}: ${entry.reason}`);
  for (const warning of assessment.warnings)
    command.say(`  ${command.tint('warning', 'unsure')}               ${warning}`);
  for (const { control, attackClass, reason } of assessment.catalog.off)
    command.say(
      `  ${command.tint('switched off', 'unsure')}          ${control}${attackClass === undefined ? '' : `, ${CLASS_TITLES[attackClass].toLowerCase()}`}: ${reason}`,
    );
  for (const waiver of assessment.waivers.filter((one) => !one.inForce))
    command.say(
      `  ${command.tint('not in force', 'unsure')}          the risk acceptance of ${waiver.control} for ${CLASS_TITLES[waiver.attackClass].toLowerCase()} (${waiver.issued.slice(0, 10)} to ${waiver.expires.slice(0, 10)}) changes nothing`,
    );
  command.say();
}

/** Reads an assessment of an earlier run. @throws ProbityError ASSESSMENT_INVALID, also where it contradicts itself */
export async function readAssessment(file: string): Promise<Assessment> {
  const { parseAssessment } = await import('../assess/assessment.ts');
  const text = await readNamed(file, 'utf8').catch((error: unknown) => {
    throw new ProbityError('ASSESSMENT_INVALID', whyUnread(error), {
      where: file,
      remedy: 'Make one with: probity assess',
    });
  });
  const assessment = parseAssessment(text, file);
  const { inconsistencies } = await import('../assess/consistency.ts');
  const [first, ...more] = inconsistencies(assessment);
  if (first !== undefined)
    throw new ProbityError(
      'ASSESSMENT_INVALID',
      `it contradicts itself: ${first}${more.length > 0 ? ` (and ${more.length} more)` : ''}`,
      { where: file, remedy: 'Make it anew with: probity assess' },
    );
  return assessment;
}

/** Evidence that names nothing usable is a question that cannot be answered. */
export function requireEvidence(assessment: Assessment): Assessment {
  if (assessment.evidence.length === 0)
    throw new ProbityError('EVIDENCE_MISSING', 'no evidence was found', {
      remedy:
        'Put evidence where the patterns in probity.yaml point, or name files on the command line. Examples made by init are read once you take .example out of their names',
    });
  return assessment;
}
