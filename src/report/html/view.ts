import { type Assessment, assessmentDigest, type Finding } from '../../assess/assessment.ts';
import { SEVERITIES, SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import { ATTACK_CLASSES, type AttackClass } from '../../terms.ts';
import type { SigningStatement } from '../signing.ts';
import { chip, gapAnchor } from '../view/common.ts';
import { reportView } from '../view/index.ts';
import { CLASS_PARTS, CLASS_TITLES, STATE_TITLES, SURFACE_TITLES } from '../words.ts';

/** So many gaps are laid out together; those out of sight are not. */
const CHUNK = 50;

/**
 * An assessment as a page is explored: the view that every document shares, with what gaps are told apart by. Nothing is
 * computed here.
 */
export function pageView(assessment: Assessment, signing: SigningStatement | undefined) {
  const view = reportView(assessment, signing);
  const findings = new Map(assessment.findings.map((finding) => [finding.id, finding]));
  const surfaces = surfacesOf(assessment);
  const shorts = new Map(assessment.frameworks.map(({ id, short }) => [id, short]));
  return {
    ...view,
    system: assessment.system,
    digest: assessmentDigest(assessment),
    parts: view.parts.map((part) => {
      const own = assessment.findings.filter(({ attackClass }) => attackClass === part.attackClass);
      const gaps = part.gaps.map((gap) => {
        const finding = findings.get(gap.id);
        return {
          ...gap,
          assigned: finding?.owner,
          state: finding?.state,
          surfaces: surfaces.get(gap.id) ?? [],
          frameworkIds: [...new Set(finding?.frameworks.map(({ framework }) => framework))].join(' '),
        };
      });
      return {
        ...part,
        change: view.change?.classes.find(({ attackClass }) => attackClass === part.attackClass),
        panel: view.panels.find(({ attackClass }) => attackClass === part.attackClass),
        anchor: part.letter.toLowerCase(),
        gaps,
        chunks: Array.from({ length: Math.ceil(gaps.length / CHUNK) }, (_, index) =>
          gaps.slice(index * CHUNK, (index + 1) * CHUNK),
        ),
        filters: filtersOf(own, surfaces, shorts),
      };
    }),
    around: assessment.controls
      .filter(({ family }) => SUPPORTING_FAMILIES.includes(family))
      .map((control) => ({
        ...control,
        cells: ATTACK_CLASSES.map((attackClass) => aroundCell(assessment, control.id, attackClass)),
      })),
    widest: view.supporting.widest,
    closed: (assessment.responses?.closed ?? []).map((one) => ({
      ...one,
      className: CLASS_TITLES[one.attackClass],
      chip: one.state && chip(one.state),
    })),
  };
}

export type PageView = ReturnType<typeof pageView>;

function aroundCell(assessment: Assessment, control: string, attackClass: AttackClass) {
  const result = assessment.results.find((one) => one.control === control && one.attackClass === attackClass);
  const letter = CLASS_PARTS[attackClass];
  if (!result) return { letter, chip: undefined, detail: [], link: undefined };
  const open = result.state === 'not-satisfied' || result.state === 'not-assessed';
  return {
    letter,
    chip: chip(result.state, result.reason),
    detail: [...new Set(result.criteria.map((criterion) => criterion.detail))],
    link: open ? gapAnchor(result) : undefined,
  };
}

/** The surfaces that the tests behind each finding attacked, by its id. */
function surfacesOf({ results, measurements }: Assessment): Map<string, { id: string; title: string }[]> {
  const surfaceOf = new Map(measurements.map(({ id, surface }) => [id, surface]));
  return new Map(
    results.map((result) => {
      const found = new Set(result.criteria.flatMap(({ measurement }) => surfaceOf.get(measurement ?? '') ?? []));
      return [`${result.control}.${result.attackClass}`, [...found].map((id) => ({ id, title: SURFACE_TITLES[id] }))];
    }),
  );
}

/** What the gaps of one class can be told apart by: only values that occur. */
function filtersOf(
  findings: readonly Finding[],
  surfaces: ReadonlyMap<string, { id: string; title: string }[]>,
  shorts: ReadonlyMap<string, string>,
) {
  const distinct = (values: readonly (readonly [value: string, title: string])[]) =>
    [...new Map(values)].map(([value, title]) => ({ value, title }));
  const byTitle = (a: { title: string }, b: { title: string }): number => a.title.localeCompare(b.title, 'en');
  return [
    {
      name: 'state',
      title: 'State',
      options: distinct(findings.map(({ state }) => [state, STATE_TITLES[state]] as const)),
    },
    {
      name: 'severity',
      title: 'Severity',
      options: SEVERITIES.filter((severity) => findings.some((finding) => finding.severity === severity)).map(
        (severity) => ({ value: severity, title: severity }),
      ),
    },
    {
      name: 'framework',
      title: 'Framework',
      options: distinct(
        findings.flatMap((finding) =>
          finding.frameworks.map(({ framework }) => [framework, shorts.get(framework) ?? framework] as const),
        ),
      ).toSorted(byTitle),
    },
    {
      name: 'owner',
      title: 'Owner',
      options: distinct(findings.map(({ owner }) => [owner ?? '-', owner ?? 'nobody assigned'] as const)).toSorted(
        byTitle,
      ),
    },
    {
      name: 'surface',
      title: 'Surface',
      options: distinct(
        findings.flatMap(({ id }) => (surfaces.get(id) ?? []).map(({ id: value, title }) => [value, title] as const)),
      ).toSorted(byTitle),
    },
  ];
}
