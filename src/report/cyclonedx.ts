import type { AssessedMeasurement, Assessment, Result } from '../assess/assessment.ts';
import { nameUuid } from '../files/oscal.ts';
import { relativeUri } from '../files/uri.ts';
import { instant } from '../schema.ts';
import { ATTACK_CLASSES, type AttackClass, type Source } from '../terms.ts';
import { BASIS_TITLES, CLASS_QUESTIONS, CLASS_TITLES, STATE_TITLES, stateText, verdictInWords } from './words.ts';

/*
 * CycloneDX attestations (https://cyclonedx.org/capabilities/attestations/): the controls as a standard with a requirement
 * for each control and attack class; an attestation for each class; claims with their evidence, or counter-claims, by
 * requirement. Written as 1.6, which 1.7 takes as it is.
 */

const SPEC_VERSION = '1.6';

/** Conformance is of what was judged: 1 or 0. What nobody assessed, or what does not apply, has none. */
const CONFORMANCE: Partial<Record<Result['state'], number>> = { satisfied: 1, 'not-satisfied': 0 };

export function cyclonedxAttestation(assessment: Assessment): unknown {
  const { system } = assessment;
  const target = 'system';
  return {
    $schema: `http://cyclonedx.org/schema/bom-${SPEC_VERSION}.schema.json`,
    bomFormat: 'CycloneDX',
    specVersion: SPEC_VERSION,
    serialNumber: `urn:uuid:${nameUuid('cyclonedx', `${system.id}\0${assessment.asOf}\0${assessment.evidenceRoot}`)}`,
    version: 1,
    metadata: {
      timestamp: `${assessment.asOf.slice(0, 10)}T00:00:00Z`,
      tools: {
        components: [{ type: 'application', name: assessment.tool.name, version: assessment.tool.version }],
      },
      component: { type: 'application', 'bom-ref': target, name: system.name, ...about(system.description) },
      properties: [
        { name: 'probity:asOf', value: assessment.asOf },
        { name: 'probity:profile', value: assessment.profile.id },
        { name: 'probity:catalogSha256', value: assessment.catalog.sha256 },
        { name: 'probity:evidenceRoot', value: assessment.evidenceRoot },
        { name: 'probity:redacted', value: String(assessment.redacted) },
        ...(assessment.contentShown ? [{ name: 'probity:contentShown', value: 'true' }] : []),
      ],
    },
    components: system.models.map((model) => ({
      type: 'machine-learning-model',
      'bom-ref': `model ${model.id}`,
      name: model.id,
      version: model.version,
      supplier: { name: model.provider },
    })),
    definitions: { standards: [ownStandard(assessment)] },
    declarations: {
      assessors: [
        {
          'bom-ref': 'assessor',
          thirdParty: false,
          organization: { name: system.organisation ?? system.owner.name },
        },
      ],
      attestations: ATTACK_CLASSES.map((attackClass) => attestationOf(assessment, attackClass)),
      claims: judged(assessment).map((result) => claimOf(assessment, result, target)),
      evidence: evidenceOf(assessment),
    },
  };
}

function about(description: string | undefined) {
  return description === undefined ? {} : { description };
}

function requirementRef(result: Pick<Result, 'control' | 'attackClass'>): string {
  return `requirement ${result.control}.${result.attackClass}`;
}

function claimRef(result: Pick<Result, 'control' | 'attackClass'>): string {
  return `claim ${result.control}.${result.attackClass}`;
}

/** The catalog: a requirement for each control, below it one for each attack class, with the framework items it speaks to. */
function ownStandard(assessment: Assessment) {
  return {
    'bom-ref': 'standard',
    name: 'Probity control catalog',
    version: assessment.catalog.sha256.slice(0, 16),
    description: `Controls against membership inference and model inversion, judged apart, by the thresholds of profile "${assessment.profile.title}". A satisfied control is not a met requirement of any framework that it speaks to.`,
    requirements: assessment.controls.flatMap((control) => [
      {
        'bom-ref': `requirement ${control.id}`,
        identifier: control.id,
        title: control.title,
        text: control.objective,
        properties: [
          { name: 'probity:family', value: control.family },
          { name: 'probity:severity', value: control.severity },
          ...Object.entries(control.frameworks).flatMap(([framework, items]) =>
            items.map((item) => ({ name: `probity:speaksTo:${framework}`, value: item })),
          ),
        ],
      },
      ...ATTACK_CLASSES.flatMap((attackClass) => {
        const consequence = control.consequences[attackClass];
        if (consequence === undefined) return [];
        return [
          {
            'bom-ref': requirementRef({ control: control.id, attackClass }),
            identifier: `${control.id}.${attackClass}`,
            title: `${control.title}: ${CLASS_TITLES[attackClass].toLowerCase()}`,
            text: control.objective,
            descriptions: [`What happens otherwise: ${consequence}`],
            parent: `requirement ${control.id}`,
            properties: [{ name: 'probity:attackClass', value: attackClass }],
          },
        ];
      }),
    ]),
  };
}

/** What came to a yes or a no; there is nothing to claim of the rest. */
function judged(assessment: Assessment): Result[] {
  return assessment.results.filter(({ state }) => CONFORMANCE[state] !== undefined);
}

function attestationOf(assessment: Assessment, attackClass: AttackClass) {
  const verdict = assessment.verdicts[attackClass];
  return {
    summary: `${CLASS_TITLES[attackClass]}. ${CLASS_QUESTIONS[attackClass]} ${STATE_TITLES[verdict.state]}. ${verdictInWords(verdict).join(' ')}`,
    assessor: 'assessor',
    map: assessment.results
      .filter((result) => result.attackClass === attackClass)
      .map((result) => mapped(assessment, result)),
  };
}

function mapped(assessment: Assessment, result: Result) {
  const score = CONFORMANCE[result.state];
  const confidence = confidenceOf(assessment, result);
  return {
    requirement: requirementRef(result),
    ...(score === 1 ? { claims: [claimRef(result)] } : {}),
    ...(score === 0 ? { counterClaims: [claimRef(result)] } : {}),
    conformance: {
      ...(score === undefined ? {} : { score }),
      rationale: [
        `${stateText(result.state, result.reason)}.`,
        ...acceptance(assessment, result),
        ...(result.switchedOff ? [`Switched off by ${result.switchedOff.by}: ${result.switchedOff.reason}`] : []),
      ].join(' '),
    },
    ...(score === undefined ? {} : { confidence }),
  };
}

function acceptance(assessment: Assessment, result: Result): string[] {
  if (result.state !== 'risk-accepted') return [];
  const waiver = assessment.waivers.find(
    (one) => one.inForce && one.control === result.control && one.attackClass === result.attackClass,
  );
  return [
    `Without the acceptance: ${STATE_TITLES[result.underlying ?? 'not-assessed'].toLowerCase()}.`,
    ...(waiver ? [`Accepted by ${waiver.approver} until ${waiver.ends}: ${waiver.reason}`] : []),
  ];
}

/** The least confidence of the intervals that decided; where none did, there is no number to give, and the words say so. */
function confidenceOf(assessment: Assessment, result: Result) {
  const deciding = result.criteria.flatMap(({ measurement }) =>
    assessment.measurements.filter(({ id }) => id === measurement),
  );
  const byMeasurement = result.criteria.every(({ measurement }) => measurement !== undefined) && deciding.length > 0;
  return {
    ...(byMeasurement ? { score: Math.min(...deciding.map((m: AssessedMeasurement) => m.confidence)) } : {}),
    rationale: byMeasurement
      ? `Decided by bounds at this confidence${result.basis ? `; rests on ${BASIS_TITLES[result.basis]}` : ''}.`
      : `Not a matter of statistics${result.basis ? `; rests on ${BASIS_TITLES[result.basis]}` : ''}.`,
  };
}

function claimOf(assessment: Assessment, result: Result, target: string) {
  const control = assessment.controls.find(({ id }) => id === result.control);
  const refs = [...new Set(result.criteria.flatMap(({ evidence }) => evidence).map(evidenceRef))];
  const known = new Set(assessment.evidence.map(({ path, sha256 }) => evidenceRef({ path, sha256 })));
  const evidence = refs.filter((ref) => known.has(ref));
  return {
    'bom-ref': claimRef(result),
    target,
    predicate:
      `${result.control}, ${CLASS_TITLES[result.attackClass].toLowerCase()}: ${stateText(result.state, result.reason)}. ${control?.title ?? ''}`.trim(),
    reasoning: result.criteria.map(({ id, detail }) => `${id}: ${detail}`).join('\n'),
    ...(evidence.length > 0 ? { evidence } : {}),
  };
}

function evidenceRef({ path, sha256 }: Pick<Source, 'path' | 'sha256'>): string {
  return `evidence ${sha256.slice(0, 16)} ${path}`;
}

function evidenceOf(assessment: Assessment) {
  const files = new Map(assessment.evidence.map((entry) => [evidenceRef(entry), entry]));
  return [...files].map(([ref, entry]) => ({
    'bom-ref': ref,
    propertyName: 'probity:evidence',
    description: `${entry.format}, ${entry.bytes} bytes, SHA-256 ${entry.sha256}. ${entry.accepted ? 'Used.' : `Rejected: ${entry.reason ?? 'no reason is given'}`}`,
    data: [{ name: entry.path, contents: { url: relativeUri(entry.path) } }],
    ...created(entry.collected),
  }));
}

/** When evidence was collected, where it says so. */
function created(collected: string | undefined) {
  const time = collected === undefined ? Number.NaN : instant(collected, false);
  return Number.isNaN(time) ? {} : { created: new Date(time).toISOString() };
}
