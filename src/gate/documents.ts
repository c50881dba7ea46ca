import { markdownText } from '../report/markdown.ts';
import type { Decision, Judged, Rule } from './decide.ts';
import { actionsOf, answersInWords, opens, RULE_TITLES, STATE_WORDS, subjectOf, why } from './words.ts';

/* A decision as documents for people's and other people's tools. */

/** One rule that did not hold, as scripts read it. */
interface Reason {
  rule: Rule;
  attackClass: Judged['attackClass'];
  control?: string;
  /** Whether it could not be told, rather than not holding. */
  unanswered?: boolean;
  why: string;
  opens?: string;
}

export interface DecisionDocument {
  schema: 'probity/gate/v1';
  open: boolean;
  state: Decision['state'];
  asOf: string;
  reasons: Reason[];
  held: { rule: Rule; attackClass: Judged['attackClass']; control?: string; why: string }[];
}

export function decisionDocument({ state, judged, asOf }: Decision): DecisionDocument {
  const name = ({ rule, attackClass, control }: Judged) => ({
    rule,
    attackClass,
    ...(control === undefined ? {} : { control }),
  });
  return {
    schema: 'probity/gate/v1',
    open: state === 'open',
    state,
    asOf,
    reasons: judged
      .filter(({ holds }) => holds !== true)
      .map((one) => ({
        ...name(one),
        ...(one.holds === null ? { unanswered: true } : {}),
        why: why(one),
        ...(opens(one) ? { opens: opens(one) } : {}),
      })),
    held: judged.filter(({ holds }) => holds === true).map((one) => ({ ...name(one), why: why(one) })),
  };
}

const MOST_REASONS = 200;

/** The decision for a step summary or a pull request. */
export function decisionMarkdown(decision: Decision, what: string, explain: boolean): string {
  const { reasons, held, state, asOf } = decisionDocument(decision);
  const lines = [
    `# Gate: ${STATE_WORDS[state].toLowerCase()}`,
    '',
    `${markdownText(what)}, decided as of ${asOf}.`,
    '',
  ];
  if (reasons.length > 0) {
    lines.push('| Rule | About | Why |', '| --- | --- | --- |');
    for (const one of reasons.slice(0, MOST_REASONS))
      lines.push(
        `| ${RULE_TITLES[one.rule]} | ${subjectOf(one.attackClass)}${one.control ? `, ${markdownText(one.control)}` : ''} | ${markdownText(one.why)} |`,
      );
    if (reasons.length > MOST_REASONS) lines.push('', `And ${reasons.length - MOST_REASONS} more reasons.`);
    lines.push('', '## What would open it', '', '| Action | Answers |', '| --- | --- |');
    const actions = actionsOf(decision);
    for (const one of actions.slice(0, MOST_REASONS))
      lines.push(`| ${markdownText(one.action)} | ${markdownText(answersInWords(one))} |`);
    if (actions.length > MOST_REASONS) lines.push('', `And ${actions.length - MOST_REASONS} more actions.`);
    lines.push('');
  }
  if (explain && held.length > 0) {
    lines.push('## What held', '');
    for (const one of held)
      lines.push(
        `- ${subjectOf(one.attackClass)}${one.control ? `, ${markdownText(one.control)}` : ''}, ${RULE_TITLES[one.rule].toLowerCase()}: ${markdownText(one.why)}`,
      );
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The decision as JUnit: a suite for the pack and one for each class, a case for each rule. */
export function decisionJunit(decision: Decision): string {
  const suites = [...Map.groupBy(decision.judged, ({ attackClass }) => attackClass ?? 'pack')];
  const total = (all: readonly Judged[], of: boolean | null): number => all.filter(({ holds }) => holds === of).length;
  const { judged } = decision;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="probity gate" tests="${judged.length}" failures="${total(judged, false)}" errors="${total(judged, null)}">`,
    ...suites.flatMap(([name, all]) => [
      `  <testsuite name="${xmlText(`gate.${name}`)}" tests="${all.length}" failures="${total(all, false)}" errors="${total(all, null)}" skipped="0">`,
      ...all.map(junitCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function junitCase(one: Judged, index: number): string {
  const { rule, control, holds, attackClass } = one;
  const named = `    <testcase classname="${xmlText(`gate.${attackClass ?? 'pack'}`)}" name="${xmlText(`${rule}${control ? ` ${control}` : ''} ${index + 1}`)}"`;
  if (holds === true) return `${named}/>`;
  const kind = holds === false ? 'failure' : 'error';
  return `${named}><${kind} message="${xmlText(why(one))}">${xmlText(`${why(one)}. ${opens(one)}`)}</${kind}></testcase>`;
}

/** Characters that XML 1.0 has no place for, not even escaped. */
const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

function xmlText(text: string): string {
  return text
    .replace(NOT_XML, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
