import type { AssessedMeasurement, Assessment, Finding, Result } from '../../assess/assessment.ts';
import type { Reason, State } from '../../assess/outcome.ts';
import { nameUuid, OSCAL_NAMESPACE, OSCAL_VERSION, token } from '../../files/oscal.ts';
import { relativeUri } from '../../files/uri.ts';
import { countsInWords } from '../../measure/counts.ts';
import { instant } from '../../schema.ts';
import type { AttackClass, Source } from '../../terms.ts';
import { figure } from '../numbers.ts';
import { atRate } from '../view/common.ts';
import {
  CLASS_TITLES,
  measureTitle,
  methodTitle,
  POWER_TITLES,
  SURFACE_TITLES,
  stateText,
  warrantInWords,
} from '../words.ts';

/*
 * What assessment results and plan of action share. A system, a control, a finding keep their identifiers from one
 * assessment to the next; nothing here is computed, and texts are given as OSCAL's types allow them.
 */

/** Text as OSCAL's string and line types take it: one line, not empty, no space at its ends. */
export function line(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim() || '-';
}

/** Texts of several lines, each a paragraph. */
export function paragraphs(texts: readonly string[]): string {
  return texts.map(line).join('\n\n');
}

/** A list, or nothing where it would be empty, since OSCAL has no empty lists. */
export function list<Name extends string, T>(name: Name, items: readonly T[]): { [N in Name]?: readonly T[] } {
  return (items.length > 0 ? { [name]: items } : {}) as { [N in Name]?: readonly T[] };
}

/** A property under our namespace. */
export function prop(name: string, value: string | number | boolean, remarks?: string) {
  return {
    name: token(name),
    ns: OSCAL_NAMESPACE,
    value: line(String(value)),
    ...(remarks === undefined ? {} : { remarks: line(remarks) }),
  };
}

/** A day, or a day with a time, as a date-time of OSCAL; undefined where OSCAL has none such (1900 to 2999). */
export function moment(date: string): string | undefined {
  const value = instant(date, false);
  if (Number.isNaN(value)) return undefined;
  const text = new Date(value).toISOString().replace('.000Z', 'Z');
  return /^(19|2[0-9])\d\d-/.test(text) ? text : undefined;
}

/** The day of the assessment, which is always there. */
export function asOfMoment(assessment: Assessment): string {
  return moment(assessment.asOf) ?? '1900-01-01T00:00:00Z';
}

/** An identifier of something of this system, the same in every assessment of it. */
export function idOf(assessment: Assessment, kind: string, name: string): string {
  return nameUuid(kind, `${assessment.system.id}\0${name}`);
}

/** What the exported catalog calls the part of a control that speaks of a class (`catalog export`). */
function objectiveId(result: Pick<Result, 'control' | 'attackClass'>): string {
  return token(`${result.control}_${result.attackClass}`);
}

export function nameOfResult(result: Pick<Result, 'control' | 'attackClass'>): string {
  return `${result.control}.${result.attackClass}`;
}

const OWNER_ROLE = 'system-owner';
const ACTION_ROLE = 'action-owner';

function email(contact: string | undefined) {
  return contact !== undefined && /^[^\s@<>]+@[^\s@<>]+\.[A-Za-z]{2,}$/.test(contact)
    ? { 'email-addresses': [contact] }
    : contact === undefined
      ? {}
      : { remarks: line(contact) };
}

/** Identifier of a person or team that owns actions. */
function ownerId(assessment: Assessment, owner: string): string {
  return idOf(assessment, 'party', owner);
}

export function metadata(assessment: Assessment, title: string) {
  const { system } = assessment;
  const owners = assessment.findings.flatMap(({ owner }) => (owner === undefined ? [] : [owner]));
  const actors = [...new Set(owners)].filter((name) => name !== system.owner.name);
  return {
    title: line(title),
    'last-modified': asOfMoment(assessment),
    version: assessment.asOf,
    'oscal-version': OSCAL_VERSION,
    props: [
      prop('catalog-sha256', assessment.catalog.sha256),
      prop('evidence-root', assessment.evidenceRoot),
      prop('profile', assessment.profile.id),
      prop('redacted', assessment.redacted),
      ...(assessment.contentShown ? [prop('content-shown', true)] : []),
    ],
    roles: [
      { id: OWNER_ROLE, title: 'Owner of the system' },
      ...(owners.length > 0 ? [{ id: ACTION_ROLE, title: 'Owner of an action' }] : []),
    ],
    parties: [
      {
        uuid: ownerId(assessment, system.owner.name),
        type: 'organization',
        name: line(system.owner.name),
        ...email(system.owner.contact),
      },
      ...actors.map((name) => ({ uuid: ownerId(assessment, name), type: 'organization', name: line(name) })),
    ],
    'responsible-parties': [{ 'role-id': OWNER_ROLE, 'party-uuids': [ownerId(assessment, system.owner.name)] }],
  };
}

function systemId(assessment: Assessment): string {
  return idOf(assessment, 'component', 'system');
}

function modelId(assessment: Assessment, model: string): string {
  return idOf(assessment, 'component', `model ${model}`);
}

/** The system and its models, as components. */
export function components(assessment: Assessment) {
  const { system } = assessment;
  return [
    {
      uuid: systemId(assessment),
      type: 'this-system',
      title: line(system.name),
      description: line(system.description ?? system.name),
      props: [
        prop('risk-tier', system.riskTier),
        ...system.surfaces.map((surface) => prop('surface', surface)),
        ...system.data.map(({ name, sensitivity }) => prop('data', name, sensitivity)),
      ],
      status: { state: 'operational' },
    },
    ...system.models.map((model) => ({
      uuid: modelId(assessment, model.id),
      type: 'software',
      title: line(`${model.id} ${model.version}`),
      description: line(`A model of the system, by ${model.provider}, deployed ${model.deployed}.`),
      props: [prop('version', model.version), ...(model.training ? [prop('training', model.training)] : [])],
      status: { state: 'operational' },
    })),
  ];
}

function toolId(assessment: Assessment, name: string): string {
  return idOf(assessment, 'tool', name);
}

interface NamedTool {
  name: string;
  version?: string | undefined;
}

function fullName({ name, version }: NamedTool): string {
  return version === undefined ? name : `${name} ${version}`;
}

/** Everything that tested or judged: this program, and the tools whose results were read. */
export function assessmentAssets(assessment: Assessment) {
  const tools = new Map<string, NamedTool>();
  for (const tool of [
    assessment.tool,
    ...[...assessment.measurements, ...assessment.evidence].flatMap((one) => (one.tool ? [one.tool] : [])),
  ])
    tools.set(fullName(tool), tool);
  const made = [...tools].map(([full, tool]) => ({
    uuid: toolId(assessment, full),
    type: 'software',
    title: line(tool.name),
    description: line(full),
    ...(tool.version === undefined ? {} : { props: [prop('version', tool.version)] }),
    status: { state: 'operational' },
  }));
  return {
    components: made,
    'assessment-platforms': [
      {
        uuid: idOf(assessment, 'platform', 'all'),
        title: 'What tested and judged',
        'uses-components': made.map(({ uuid }) => ({ 'component-uuid': uuid })),
      },
    ],
  };
}

export function origins(assessment: Assessment, tool: NamedTool = assessment.tool) {
  return [{ actors: [{ type: 'tool', 'actor-uuid': toolId(assessment, fullName(tool)) }] }];
}

function resourceId(assessment: Assessment, { path, sha256 }: { path: string; sha256: string }): string {
  return idOf(assessment, 'resource', `${path}\0${sha256}`);
}

/** Every file of evidence, read or rejected, with its digest. */
export function backMatter(assessment: Assessment) {
  const resources = new Map(
    assessment.evidence.map((entry) => [
      resourceId(assessment, entry),
      {
        uuid: resourceId(assessment, entry),
        title: line(entry.path),
        props: [
          { name: 'type', value: 'evidence' },
          prop('format', entry.format),
          prop('accepted', entry.accepted),
          prop('bytes', entry.bytes),
        ],
        rlinks: [
          {
            href: relativeUri(entry.path),
            ...(/^[0-9a-f]{64}$/.test(entry.sha256) ? { hashes: [{ algorithm: 'SHA-256', value: entry.sha256 }] } : {}),
          },
        ],
        ...(entry.reason === undefined ? {} : { remarks: line(`Rejected: ${entry.reason}`) }),
      },
    ]),
  );
  return list('resources', [...resources.values()]);
}

function relevantEvidence(assessment: Assessment, sources: readonly Source[]) {
  const known = new Set(assessment.evidence.map((entry) => resourceId(assessment, entry)));
  return list(
    'relevant-evidence',
    sources.map((source) => ({
      ...(known.has(resourceId(assessment, source)) ? { href: `#${resourceId(assessment, source)}` } : {}),
      description: line(`${source.path}, ${source.at}`),
      props: [prop('place', source.at), prop('sha256', source.sha256)],
    })),
  );
}

function measurementUuid(assessment: Assessment, id: string): string {
  return idOf(assessment, 'observation', `measurement ${id}`);
}

/** A measurement as an observation by test. */
export function measurementObservation(assessment: Assessment, m: AssessedMeasurement) {
  const stated = m.collected === undefined ? undefined : moment(m.collected);
  const bounds = [
    prop('estimate', m.estimate),
    ...(m.lower === null ? [] : [prop('lower', m.lower)]),
    ...(m.upper === null ? [] : [prop('upper', m.upper)]),
    ...(m.upperOneSided === undefined ? [] : [prop('upper-one-sided', m.upperOneSided)]),
  ];
  const interval =
    m.lower === null && m.upper === null
      ? 'no interval can be given'
      : `${figure(m.measure, m.lower)} to ${figure(m.measure, m.upper)} at ${m.confidence * 100}% confidence`;
  return {
    uuid: measurementUuid(assessment, m.id),
    title: line(`${measureTitle(m.measure)}${atRate(m)}: ${m.probe}`),
    description: paragraphs([
      `${CLASS_TITLES[m.attackClass]}, ${m.technique}, ${SURFACE_TITLES[m.surface]}: ${figure(m.measure, m.estimate)}, ${interval}; ${countsInWords(m.counts)}. Method: ${methodTitle(m.method)}.`,
      `What it is worth: ${warrantInWords(m.warrant)}. What shows that it could have succeeded: ${POWER_TITLES[m.warrant.power.basis]}.`,
      ...m.notes,
    ]),
    props: [
      prop('measurement', m.id),
      prop('attack-class', m.attackClass),
      prop('measure', m.measure),
      prop('technique', m.technique),
      prop('surface', m.surface),
      prop('method', m.method),
      prop('confidence', m.confidence),
      ...bounds,
      ...(m.falsePositiveLimit === undefined ? [] : [prop('false-positive-limit', m.falsePositiveLimit)]),
      ...(m.target === undefined ? [] : [prop('target', m.target)]),
      prop('strength', m.warrant.strength),
      ...m.warrant.open.map((reason) => prop('open', reason)),
    ],
    methods: ['TEST'],
    types: ['finding'],
    origins: origins(assessment, m.tool),
    subjects: [
      {
        'subject-uuid':
          m.warrant.target.model !== undefined &&
          assessment.system.models.some(({ id }) => id === m.warrant.target.model)
            ? modelId(assessment, m.warrant.target.model)
            : systemId(assessment),
        type: 'component',
        ...(m.warrant.target.matched
          ? {}
          : { remarks: 'What was tested is not matched to a target that the workspace declares.' }),
      },
    ],
    ...relevantEvidence(assessment, m.source),
    collected: stated ?? asOfMoment(assessment),
    ...(stated === undefined
      ? { remarks: 'The evidence states no day of collection; the day of the assessment stands in its place.' }
      : {}),
  };
}

/** What was found out about one criterion, as an observation. */
export function criterionObservation(assessment: Assessment, result: Result, criterion: Result['criteria'][number]) {
  const { measurement } = criterion;
  return {
    uuid: criterionUuid(assessment, result, criterion.id),
    title: line(`${result.control}, ${criterion.id}: ${stateText(criterion.state, criterion.reason)}`),
    description: paragraphs([criterion.statement, criterion.detail]),
    props: [
      prop('attack-class', result.attackClass),
      prop('control', result.control),
      prop('criterion', criterion.id),
      prop('state', criterion.state),
      ...(criterion.reasons ?? []).map((reason) => prop('reason', reason)),
      ...(criterion.basis === undefined ? [] : [prop('basis', criterion.basis)]),
      ...(criterion.observed === null ? [] : [prop('observed', criterion.observed)]),
      ...(criterion.bound === null ? [] : [prop('bound', criterion.bound)]),
      ...(criterion.threshold === null ? [] : [prop('threshold', criterion.threshold)]),
    ],
    ...(measurement === undefined
      ? {}
      : { links: [{ href: `#${measurementUuid(assessment, measurement)}`, rel: 'measurement' }] }),
    methods: [measurement === undefined ? (criterion.basis === 'statement' ? 'INTERVIEW' : 'EXAMINE') : 'TEST'],
    types: ['control-objective'],
    origins: origins(assessment),
    subjects: [{ 'subject-uuid': systemId(assessment), type: 'component' }],
    ...relevantEvidence(assessment, criterion.evidence),
    collected: asOfMoment(assessment),
  };
}

function criterionUuid(assessment: Assessment, result: Pick<Result, 'control' | 'attackClass'>, id: string): string {
  return idOf(assessment, 'observation', `criterion ${nameOfResult(result)} ${id}`);
}

/** OSCAL knows satisfied and not satisfied; whatever is not shown to be satisfied is not. The exact state stands beside it. */
const TARGET_STATES: Record<State, { state: string; reason: string }> = {
  satisfied: { state: 'satisfied', reason: 'pass' },
  'not-satisfied': { state: 'not-satisfied', reason: 'fail' },
  'not-assessed': { state: 'not-satisfied', reason: 'other' },
  'not-applicable': { state: 'not-satisfied', reason: 'other' },
  'risk-accepted': { state: 'not-satisfied', reason: 'other' },
};

function targetStatus(state: State, reason: Reason | undefined) {
  return { ...TARGET_STATES[state], remarks: line(`${stateText(state, reason)}.`) };
}

export function riskUuid(assessment: Assessment, result: Pick<Result, 'control' | 'attackClass'>): string {
  return idOf(assessment, 'risk', nameOfResult(result));
}

/** Everything that a result rests on, by the observations of this document. */
export function relatedObservations(assessment: Assessment, result: Result) {
  const related = result.criteria.flatMap((criterion) => [
    criterionUuid(assessment, result, criterion.id),
    ...(criterion.measurement === undefined ? [] : [measurementUuid(assessment, criterion.measurement)]),
  ]);
  return list(
    'related-observations',
    [...new Set(related)].map((uuid) => ({ 'observation-uuid': uuid })),
  );
}

/** A result as a finding about the objective of its control for its class. */
export function findingOf(assessment: Assessment, result: Result) {
  const control = assessment.controls.find(({ id }) => id === result.control);
  const title = control?.title ?? result.control;
  return {
    uuid: idOf(assessment, 'finding', nameOfResult(result)),
    title: line(`${result.control}, ${CLASS_TITLES[result.attackClass]}: ${title}`),
    description: paragraphs([
      `${stateText(result.state, result.reason)}.`,
      ...result.criteria.map(({ detail }) => detail),
    ]),
    props: [
      prop('attack-class', result.attackClass),
      prop('state', result.state),
      ...(result.reasons ?? []).map((reason) => prop('reason', reason)),
      ...(result.basis === undefined ? [] : [prop('basis', result.basis)]),
      ...(result.underlying === undefined ? [] : [prop('underlying-state', result.underlying)]),
      prop('severity', result.severity),
    ],
    origins: origins(assessment),
    target: {
      type: 'objective-id',
      'target-id': objectiveId(result),
      title: line(control?.objective ?? title),
      status: targetStatus(result.state, result.reason),
    },
    ...relatedObservations(assessment, result),
    ...(isOpen(result) || result.state === 'risk-accepted'
      ? { 'related-risks': [{ 'risk-uuid': riskUuid(assessment, result) }] }
      : {}),
  };
}

/** A result that needs attention. */
export function isOpen({ state }: Pick<Result, 'state'>): boolean {
  return state === 'not-satisfied' || state === 'not-assessed';
}

/** The finding of a result that needs attention. */
export function gapOf(assessment: Assessment, result: Result): Finding | undefined {
  return assessment.findings.find(
    ({ control, attackClass }) => control === result.control && attackClass === result.attackClass,
  );
}

/** What people answered, as properties; nothing of it changes a state. */
export function answerProps(answers: Answers | undefined) {
  const { owner, due, status, response, acceptance } = answers ?? {};
  return [
    ...(owner === undefined ? [] : [prop('owner', owner)]),
    ...(due === undefined ? [] : [prop('due', due)]),
    ...(status === undefined ? [] : [prop('status', status)]),
    ...(response === undefined ? [] : [prop('response', response)]),
    ...(acceptance === undefined
      ? []
      : [
          prop('acceptance-asked-of', acceptance.approver, acceptance.reason),
          prop('acceptance-until', acceptance.expires),
        ]),
  ];
}

type Answers = Pick<Finding, 'owner' | 'due' | 'status' | 'response' | 'acceptance'>;

/** How far the work is. That people call a gap closed which the evidence still shows closes nothing. */
function riskStatus(gap: Answers | undefined): string {
  if (gap?.acceptance !== undefined || gap?.status === 'risk accepted') return 'deviation-requested';
  return gap?.status === 'in progress' ? 'remediating' : 'open';
}

/** What may happen through a gap, and what would close it. An acceptance in force is a deviation that was approved. */
export function riskOf(assessment: Assessment, result: Result) {
  const gap = gapOf(assessment, result);
  const control = assessment.controls.find(({ id }) => id === result.control);
  const consequence = gap?.consequence ?? control?.consequences[result.attackClass] ?? stateText(result.state);
  const waiver = assessment.waivers.find(
    (one) => one.inForce && one.control === result.control && one.attackClass === result.attackClass,
  );
  const due = gap?.due === undefined ? undefined : moment(gap.due);
  return {
    uuid: riskUuid(assessment, result),
    title: line(`${result.control}, ${CLASS_TITLES[result.attackClass]}: ${control?.title ?? result.control}`),
    description: paragraphs(gap?.why.length ? gap.why : [stateText(result.state, result.reason)]),
    statement: line(consequence),
    props: [
      prop('attack-class', result.attackClass),
      prop('state', result.state),
      ...answerProps(gap),
      ...(waiver ? [prop('accepted-by', waiver.approver, waiver.reason), prop('accepted-until', waiver.ends)] : []),
    ],
    status: waiver && result.underlying === 'not-satisfied' ? 'deviation-approved' : riskStatus(gap),
    origins: origins(assessment),
    characterizations: [
      {
        origin: origins(assessment)[0],
        facets: [{ name: 'severity', system: OSCAL_NAMESPACE, value: result.severity }],
      },
    ],
    ...(due === undefined ? {} : { deadline: due }),
    remediations: [remediationOf(assessment, result, control?.remediation ?? gap?.remediation ?? [], gap)],
    ...relatedObservations(assessment, result),
  };
}

function remediationOf(assessment: Assessment, result: Result, steps: readonly string[], gap: Finding | undefined) {
  const name = nameOfResult(result);
  const due = gap?.due === undefined ? undefined : moment(gap.due);
  const roles =
    gap?.owner === undefined
      ? {}
      : { 'responsible-roles': [{ 'role-id': ACTION_ROLE, 'party-uuids': [ownerId(assessment, gap.owner)] }] };
  return {
    uuid: idOf(assessment, 'response', name),
    lifecycle: gap?.owner !== undefined || due !== undefined ? 'planned' : 'recommendation',
    title: line(`Close ${result.control} for ${CLASS_TITLES[result.attackClass].toLowerCase()}`),
    description: paragraphs(steps.length > 0 ? steps : ['No steps are given.']),
    ...list('tasks', [
      ...steps.map((step, index) => ({
        uuid: idOf(assessment, 'task', `${name} ${index}`),
        type: 'action',
        title: line(step),
        ...roles,
      })),
      ...(due === undefined
        ? []
        : [
            {
              uuid: idOf(assessment, 'task', `${name} due`),
              type: 'milestone',
              title: line(`${result.control} is closed`),
              timing: { 'on-date': { date: due } },
              ...roles,
            },
          ]),
    ]),
  };
}

export function resultsOfClass(assessment: Assessment, attackClass: AttackClass): Result[] {
  return assessment.results.filter((result) => result.attackClass === attackClass);
}
