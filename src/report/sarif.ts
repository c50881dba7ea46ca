import { createHash } from 'node:crypto';
import type { Assessment, Finding, Result } from '../assess/assessment.ts';
import { relativeUri } from '../files/uri.ts';
import { ATTACK_CLASSES, type AttackClass, type Source } from '../terms.ts';
import { markdownText } from './markdown.ts';
import { plural } from './numbers.ts';
import { CLASS_TITLES, stateText } from './words.ts';

/*
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), within what GitHub takes
 * (https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support): a run for each attack class,
 * told apart by its automation id, a rule for each control and class, a result for each gap.
 */

type Severity = Finding['severity'];

/** GitHub takes no more of each than this. */
const LIMITS = { results: 25_000, locations: 100, tags: 10, text: 1024 } as const;

const LEVELS: Record<Severity, 'error' | 'warning' | 'note'> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
};

/** GitHub reads severities of security rules from numbers as CVSS has them. */
const SECURITY_SEVERITIES: Record<Severity, string> = { critical: '9.5', high: '8.0', medium: '5.5', low: '2.0' };

function cut(text: string): string {
  return text.length > LIMITS.text ? `${text.slice(0, LIMITS.text - 2)} …` : text;
}

/** @returns the document; what does not fit GitHub's limits is counted in a notification of its run */
export function sarifLog(assessment: Assessment): unknown {
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: ATTACK_CLASSES.map((attackClass) => runOf(assessment, attackClass)),
  };
}

function runOf(assessment: Assessment, attackClass: AttackClass) {
  const rules = assessment.results.filter((result) => result.attackClass === attackClass);
  const indexes = new Map(rules.map((result, index) => [ruleId(result), index]));
  const accepted = rules.filter(({ state }) => state === 'risk-accepted');
  const findings = assessment.findings.filter((finding) => finding.attackClass === attackClass);
  const results = [
    ...findings.map((finding) => resultOf(assessment, finding, indexes.get(ruleId(finding)))),
    ...accepted.map((result) => acceptedResult(assessment, result, indexes.get(ruleId(result)))),
  ];
  const left = results.length - LIMITS.results;
  return {
    tool: {
      driver: {
        name: assessment.tool.name,
        semanticVersion: assessment.tool.version,
        rules: rules.map((result) => ruleOf(assessment, result)),
      },
    },
    automationDetails: { id: `probity/${attackClass}/`, description: { text: CLASS_TITLES[attackClass] } },
    columnKind: 'utf16CodeUnits',
    originalUriBaseIds: {
      '%SRCROOT%': { description: { text: 'The folder of the workspace file, probity.yaml.' } },
    },
    invocations: [
      {
        executionSuccessful: true,
        ...(left > 0
          ? {
              toolExecutionNotifications: [
                {
                  level: 'warning',
                  message: { text: `${plural(left, 'result')} more than fit are left out; assessment.json has all.` },
                },
              ],
            }
          : {}),
      },
    ],
    properties: {
      asOf: assessment.asOf,
      system: assessment.system.id,
      profile: assessment.profile.id,
      verdict: assessment.verdicts[attackClass].state,
      evidenceRoot: assessment.evidenceRoot,
    },
    results: results.slice(0, LIMITS.results),
  };
}

function ruleId({ control, attackClass }: Pick<Result, 'control' | 'attackClass'>): string {
  return `${control}.${attackClass}`;
}

function ruleOf(assessment: Assessment, result: Result) {
  const control = assessment.controls.find(({ id }) => id === result.control);
  const title = control?.title ?? result.control;
  const consequence = control?.consequences[result.attackClass] ?? title;
  const steps = control?.remediation ?? [];
  const frameworks = Object.entries(control?.frameworks ?? {}).flatMap(([framework, items]) =>
    items.map((item) => `${framework} ${item}`),
  );
  return {
    id: ruleId(result),
    name: `${result.control} ${CLASS_TITLES[result.attackClass]}`.replaceAll(/[^A-Za-z0-9]+/g, ''),
    shortDescription: { text: cut(`${result.control}: ${title}`) },
    fullDescription: { text: cut(control?.objective ?? title) },
    help: {
      text: [consequence, ...steps.map((step, index) => `${index + 1}. ${step}`)].join('\n'),
      markdown: [
        markdownText(consequence),
        '',
        ...steps.map((step, index) => `${index + 1}. ${markdownText(step)}`),
      ].join('\n'),
    },
    defaultConfiguration: { level: LEVELS[result.severity] },
    properties: {
      tags: ['security', 'privacy', 'ai', result.attackClass].slice(0, LIMITS.tags),
      'security-severity': SECURITY_SEVERITIES[result.severity],
      frameworks,
    },
  };
}

/** What stays the same when evidence is gathered again: the system and the finding. */
function fingerprints(assessment: Assessment, id: string) {
  const digest = createHash('sha256').update(`${assessment.system.id}\0${id}`).digest('hex');
  return { 'probityFinding/v1': digest, primaryLocationLineHash: `${digest.slice(0, 16)}:1` };
}

function resultOf(assessment: Assessment, finding: Finding, ruleIndex: number | undefined) {
  const failing = finding.state === 'not-satisfied';
  const more = finding.evidence.length - LIMITS.locations;
  return {
    ruleId: ruleId(finding),
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    // "open": looked at, and there is not enough to say whether there is a problem. Only what fails has a level.
    kind: failing ? 'fail' : 'open',
    level: failing ? LEVELS[finding.severity] : 'none',
    message: {
      text: [
        `${CLASS_TITLES[finding.attackClass]}, ${finding.control}: ${stateText(finding.state, finding.reason)}.`,
        ...finding.why,
        `Consequence: ${finding.consequence}`,
        ...(more > 0 ? [`${plural(more, 'more place')} in the evidence.`] : []),
      ].join('\n'),
    },
    locations: locationsOf(finding.evidence),
    partialFingerprints: fingerprints(assessment, finding.id),
    properties: {
      findingId: finding.id,
      attackClass: finding.attackClass,
      control: finding.control,
      state: finding.state,
      ...(finding.reasons ? { reasons: finding.reasons } : {}),
      severity: finding.severity,
      ...(finding.owner === undefined ? {} : { owner: finding.owner }),
      ...(finding.due === undefined ? {} : { due: finding.due }),
      ...(finding.status === undefined ? {} : { status: finding.status }),
      ...(finding.response === undefined ? {} : { response: finding.response }),
    },
  };
}

/** A risk that somebody accepted: the result stands, suppressed, with who said so and until when. */
function acceptedResult(assessment: Assessment, result: Result, ruleIndex: number | undefined) {
  const waiver = assessment.waivers.find(
    (one) => one.inForce && one.control === result.control && one.attackClass === result.attackClass,
  );
  const failing = result.underlying === 'not-satisfied';
  return {
    ruleId: ruleId(result),
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    kind: failing ? 'fail' : 'open',
    level: failing ? LEVELS[result.severity] : 'none',
    message: {
      text: [
        `${CLASS_TITLES[result.attackClass]}, ${result.control}: ${stateText(result.state)}.`,
        ...result.criteria.map(({ detail }) => detail),
      ].join('\n'),
    },
    locations: locationsOf(waiver ? [waiver.source] : result.criteria.flatMap(({ evidence }) => evidence)),
    partialFingerprints: fingerprints(assessment, ruleId(result)),
    suppressions: [
      {
        kind: 'external',
        status: 'accepted',
        justification: waiver
          ? `Accepted by ${waiver.approver} until ${waiver.ends}: ${waiver.reason}`
          : 'An acceptance in force.',
      },
    ],
    properties: {
      attackClass: result.attackClass,
      control: result.control,
      state: result.state,
      ...(result.underlying === undefined ? {} : { underlying: result.underlying }),
      severity: result.severity,
    },
  };
}

/** Places in evidence, at least one. What has no line stands at the first, with its place as a logical location. */
function locationsOf(sources: readonly Source[]) {
  if (sources.length === 0)
    return [
      {
        physicalLocation: {
          artifactLocation: { uri: 'probity.yaml', uriBaseId: '%SRCROOT%' },
          region: { startLine: 1 },
        },
        message: { text: 'There is no evidence for this; the workspace file says where it is looked for.' },
      },
    ];
  return sources.slice(0, LIMITS.locations).map(({ path, at }) => ({
    physicalLocation: {
      artifactLocation: { uri: relativeUri(path), uriBaseId: '%SRCROOT%' },
      region: { startLine: lineOf(at) },
    },
    logicalLocations: [{ fullyQualifiedName: at || '/' }],
  }));
}

/** The line that a place names; 1 where it names none. */
function lineOf(at: string): number {
  const found = /^line (\d{1,9})\b/.exec(at)?.[1];
  return Math.max(1, Number(found ?? 1));
}
