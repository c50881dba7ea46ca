import type { Assessment, Finding } from '../assess/assessment.ts';
import { STATES } from '../assess/outcome.ts';
import { countsInWords } from '../measure/counts.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import { visible } from '../visible.ts';
import { figure, plural } from './numbers.ts';
import { changeLine } from './view/change.ts';
import { atRate, measurementOf } from './view/common.ts';
import { responsesLine, untested } from './view/summary.ts';
import {
  CLASS_QUESTIONS,
  CLASS_TITLES,
  CONTENT_SHOWN,
  measureTitle,
  STATE_TITLES,
  SURFACE_TITLES,
  stateText,
  verdictInWords,
} from './words.ts';

/*
 * A summary for a pull request comment or the step summary of a pipeline. GitHub cuts comments at 65,536 characters, GitLab
 * at a million; the whole stays below 60,000 bytes, and what is left out is counted.
 */

const LIMIT = 58_000;
/** The longest text in a row of a table, in UTF-16 units. */
const CELL = 400;

/**
 * Text from anywhere as one line of Markdown that says what it says: nothing in it is markup, a link, an image, a mention of
 * somebody or of an issue. Words that a site would link by itself stand as code.
 */
export function markdownText(text: string): string {
  const words = visible(text.replaceAll(/\s+/g, ' ').trim())
    .split(' ')
    .map((word) => (LINKED.test(word) ? code(word) : escaped(word)));
  // What would begin a list, a heading or a quotation does so only at the start.
  return words.join(' ').replace(/^(\d*)([-+#>=.)])/, '$1\\$2');
}

/** What GitHub or GitLab make a link of, or somebody's notice: mentions, issues, merge requests, addresses, commits. */
const LINKED = /@|[#!$%~&^]\w|:\/\/|www\.|\bGH-\d|mailto:|:[a-z0-9_+-]+:|\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b/i;

function escaped(word: string): string {
  return word
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_{}[\]|~$>]/g, '\\$&');
}

/** A code span, with more backticks around it than it holds; a bar would end a cell of a table even there. */
function code(word: string): string {
  const longest = Math.max(0, ...[...word.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const pad = word.startsWith('`') || word.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${word.replaceAll('|', '\\|')}${pad}${fence}`;
}

function cell(text: string): string {
  return markdownText(text.length > CELL ? `${text.slice(0, CELL)} …` : text);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** As many rows as fit, and how many do not. */
function rowsWithin(rows: readonly string[], room: number): { text: string; left: number } {
  let text = '';
  for (const [index, row] of rows.entries()) {
    if (bytes(text) + bytes(row) > room) return { text, left: rows.length - index };
    text += row;
  }
  return { text, left: 0 };
}

/** The assessment in short, each class by itself. */
export function summaryMarkdown(assessment: Assessment): string {
  const head = `# ${markdownText(assessment.system.name)}

As of ${assessment.asOf}, profile ${markdownText(assessment.profile.id)}, by ${markdownText(`${assessment.tool.name} ${assessment.tool.version}`)}. The two attack classes are judged apart. This is no certification.
`;
  const foot = evidenceSection(assessment);
  const room = LIMIT - bytes(head) - bytes(foot);
  const parts = ATTACK_CLASSES.map((attackClass) => classSection(assessment, attackClass, Math.floor(room / 2)));
  return `${head}\n${parts.join('\n')}\n${foot}`;
}

function classSection(assessment: Assessment, attackClass: AttackClass, room: number): string {
  const verdict = assessment.verdicts[attackClass];
  const states = STATES.filter((state) => (verdict.counts[state] ?? 0) > 0);
  const nobody = untested(assessment).find(({ className }) => className === CLASS_TITLES[attackClass])?.surfaces ?? [];
  const start = `## ${CLASS_TITLES[attackClass]}: ${STATE_TITLES[verdict.state].toLowerCase()}

${CLASS_QUESTIONS[attackClass]} ${verdictInWords(verdict).join(' ')}

${states.map((state) => `${STATE_TITLES[state]}: ${verdict.counts[state]}`).join(' · ')}

${[changeLine(assessment, attackClass), responsesLine(assessment, attackClass)].filter(Boolean).join(' ')}
${worstLine(assessment, attackClass)}${nobody.length > 0 ? `\nNever tested for this class: ${nobody.join(', ').toLowerCase()}.\n` : ''}`;
  const findings = assessment.findings.filter((finding) => finding.attackClass === attackClass);
  if (findings.length === 0) return `${start}\nNo gaps.\n`;
  const table = '\n| Severity | Control | State | What was found |\n| --- | --- | --- | --- |\n';
  const { text, left } = rowsWithin(findings.map(row), room - bytes(start) - bytes(table) - 200);
  const more = left > 0 ? `\n${plural(left, 'more gap')} of this class in the report.\n` : '';
  return `${start}${table}${text}${more}`;
}

function row({ severity, control, title, state, reason, why }: Finding): string {
  return `| ${severity} | ${markdownText(control)} ${cell(title)} | ${stateText(state, reason)} | ${cell(why.join(' '))} |\n`;
}

function worstLine(assessment: Assessment, attackClass: AttackClass): string {
  const { worst } = assessment.verdicts[attackClass];
  const m = measurementOf(assessment, worst?.measurement);
  if (!worst || !m) return '\nNo measured bound decided anything.\n';
  const numbers = `${figure(m.measure, worst.observed)}, bound ${figure(m.measure, worst.bound)}, limit ${figure(m.measure, worst.threshold)}`;
  return `\nWorst measured bound (${worst.control}): ${measureTitle(m.measure).toLowerCase()}${markdownText(atRate(m)) ? ` ${markdownText(atRate(m))}` : ''}: ${numbers}. ${SURFACE_TITLES[m.surface]}, ${cell(m.probe)}; ${countsInWords(m.counts)}.\n`;
}

const MOST_REJECTED = 20;

function evidenceSection(assessment: Assessment): string {
  const rejected = assessment.evidence.filter(({ accepted }) => !accepted);
  const lines = [
    ...rejected.slice(0, MOST_REJECTED).map(({ path, reason }) => `- ${cell(path)}: ${cell(reason ?? 'rejected')}`),
    ...(rejected.length > MOST_REJECTED ? [`- and ${rejected.length - MOST_REJECTED} more`] : []),
  ];
  const warnings = assessment.warnings.slice(0, MOST_REJECTED).map((warning) => `- ${cell(warning)}`);
  return `## Evidence

${assessment.evidence.length - rejected.length} of ${plural(assessment.evidence.length, 'file')} used, root \`${assessment.evidenceRoot}\`.${assessment.redacted ? '' : ' Secrets and personal data are not masked in this pack.'}${assessment.contentShown ? ` ${CONTENT_SHOWN}` : ''}
${lines.length > 0 ? `\nRejected:\n\n${lines.join('\n')}\n` : ''}${warnings.length > 0 ? `\nWarnings:\n\n${warnings.join('\n')}\n` : ''}`;
}
