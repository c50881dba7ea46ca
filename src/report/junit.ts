import type { Assessment, Result } from '../assess/assessment.ts';
import { xmlAttribute, xmlText } from '../files/xml.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';
import { visibleLines } from '../visible.ts';
import { BASIS_TITLES, CLASS_TITLES, STATE_TITLES, stateText, verdictInWords } from './words.ts';

/*
 * JUnit's XML as GitHub's and GitLab's readers and Jenkins take it
 * (https://github.com/jenkinsci/xunit-plugin, `jenkins-junit.xsd`): a suite for each attack class, a case for each control.
 */

/** What XML cannot hold, even escaped, is shown or replaced. */
function plain(text: string): string {
  return visibleLines(text).replaceAll(/[\ufffe\uffff]/g, '\ufffd');
}

function attribute(name: string, value: string | number): string {
  return ` ${name}="${xmlAttribute(plain(String(value)))}"`;
}

/** How a case comes out: what needs attention fails, what was not judged is skipped with its reason. */
function outcome(result: Result): { kind: 'passed' | 'failure' | 'skipped'; message: string } {
  const said = stateText(result.state, result.reason);
  switch (result.state) {
    case 'satisfied':
      return { kind: 'passed', message: result.basis ? `rests on ${BASIS_TITLES[result.basis]}` : said };
    case 'not-satisfied':
      return { kind: 'failure', message: said };
    case 'risk-accepted':
      return {
        kind: 'skipped',
        message: `${said}; without the acceptance: ${STATE_TITLES[result.underlying ?? 'not-assessed'].toLowerCase()}`,
      };
    case 'not-assessed':
    case 'not-applicable':
      return { kind: 'skipped', message: said };
  }
}

function caseOf(assessment: Assessment, result: Result): string {
  const title = assessment.controls.find(({ id }) => id === result.control)?.title ?? result.control;
  const { kind, message } = outcome(result);
  const details = result.criteria.map(({ id, detail }) => `${id}: ${detail}`).join('\n');
  const body =
    kind === 'failure'
      ? `<failure${attribute('message', message)}${attribute('type', result.severity)}>${xmlText(plain(details))}</failure>`
      : kind === 'skipped'
        ? `<skipped${attribute('message', `${message}. ${details}`.slice(0, 2000))}/>`
        : `<system-out>${xmlText(plain(`${message}\n${details}`))}</system-out>`;
  return `    <testcase${attribute('classname', result.attackClass)}${attribute('name', `${result.control} ${title}`)} time="0">${body}</testcase>\n`;
}

function suiteOf(assessment: Assessment, attackClass: AttackClass): { text: string; counts: Counts } {
  const results = assessment.results.filter((result) => result.attackClass === attackClass);
  const kinds = results.map((result) => outcome(result).kind);
  const counts: Counts = {
    tests: results.length,
    failures: kinds.filter((kind) => kind === 'failure').length,
    skipped: kinds.filter((kind) => kind === 'skipped').length,
  };
  const verdict = assessment.verdicts[attackClass];
  const properties = {
    system: assessment.system.id,
    asOf: assessment.asOf,
    profile: assessment.profile.id,
    verdict: verdict.state,
    says: verdictInWords(verdict).join(' '),
    evidenceRoot: assessment.evidenceRoot,
  };
  return {
    counts,
    text: `  <testsuite${attribute('name', CLASS_TITLES[attackClass])}${counted(counts)}${attribute('timestamp', `${assessment.asOf.slice(0, 10)}T00:00:00`)}>
    <properties>
${Object.entries(properties)
  .map(([name, value]) => `      <property${attribute('name', name)}${attribute('value', value)}/>\n`)
  .join('')}    </properties>
${results.map((result) => caseOf(assessment, result)).join('')}  </testsuite>
`,
  };
}

interface Counts {
  tests: number;
  failures: number;
  skipped: number;
}

function counted({ tests, failures, skipped }: Counts): string {
  return ` tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}" time="0"`;
}

/** The results as JUnit XML. The suites stand beside each other; only the format's own counts span them. */
export function junitXml(assessment: Assessment): string {
  const suites = ATTACK_CLASSES.map((attackClass) => suiteOf(assessment, attackClass));
  const total = (name: keyof Counts): number => suites.reduce((sum, { counts }) => sum + counts[name], 0);
  const counts = { tests: total('tests'), failures: total('failures'), skipped: total('skipped') };
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites${attribute('name', assessment.system.name)}${counted(counts)}>\n${suites.map(({ text }) => text).join('')}</testsuites>\n`;
}
