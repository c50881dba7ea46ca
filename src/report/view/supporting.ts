import type { Assessment } from '../../assess/assessment.ts';
import { SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import { ATTACK_CLASSES, SENSITIVITIES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { plural } from '../numbers.ts';
import { BASIS_TITLES, CLASS_TITLES, SURFACE_TITLES } from '../words.ts';
import { chip, decidingCriterion, gapAnchor, inShort } from './common.ts';

/** Access, monitoring and governance: one state a class for each control. */
export function supporting(assessment: Assessment, anchors: ReadonlyMap<string, string>) {
  const controls = assessment.controls.filter((control) => SUPPORTING_FAMILIES.includes(control.family));
  return {
    identities: assessment.identities,
    widest: widest(assessment, anchors),
    families: FAMILY_TITLES.map(([family, title]) => ({
      title,
      rows: controls.filter((control) => control.family === family).map((control) => rowOf(assessment, control)),
    })),
    graph: assessment.identities.widest.map(({ name, path, bySensitivity, weight, resources, closed }) => ({
      name,
      path,
      sensitivity: SENSITIVITIES.findLast((one) => (bySensitivity[one] ?? 0) > 0) ?? 'unstated',
      weight,
      resources,
      closed,
    })),
    threats: assessment.threats.map((threat) => ({
      ...threat,
      classes: threat.names.map((name) => `${CLASS_TITLES[name.attackClass]} (${name.basis}: ${name.term})`).join('; '),
      surfaces: threat.surfaces.map((surface) => SURFACE_TITLES[surface]).join(', ') || 'none named',
      link: { text: `${threat.source.path}, ${threat.source.at}`, anchor: anchors.get(threat.source.path) },
    })),
  };
}

const FAMILY_TITLES = [
  ['access', 'Access'],
  ['monitoring', 'Monitoring'],
  ['governance', 'Governance'],
] as const;

/** One control, with a cell for each class; where both say the same, it is said once. */
function rowOf(assessment: Assessment, control: Assessment['controls'][number]) {
  const row = {
    id: control.id,
    title: control.title,
    cells: ATTACK_CLASSES.map((attackClass) => {
      const result = assessment.results.find((one) => one.control === control.id && one.attackClass === attackClass);
      if (!result)
        return {
          chip: undefined,
          sentence: 'does not concern this class',
          link: undefined,
        };
      const deciding = decidingCriterion(result);
      const open = result.state === 'not-satisfied' || result.state === 'not-assessed';
      return {
        chip: chip(result.state, result.reason),
        sentence: open
          ? inShort(deciding?.detail ?? '', 110)
          : result.basis
            ? `rests on ${BASIS_TITLES[result.basis]}`
            : '',
        link: open ? gapAnchor({ control: control.id, attackClass }) : undefined,
      };
    }),
  };
  const [a, b] = row.cells;
  const same = a !== undefined && b !== undefined && a.sentence === b.sentence && a.sentence !== '';
  return { ...row, shared: same ? a.sentence : undefined };
}

/** The identities that reach furthest, each beside the profile's limit. */
function widest(assessment: Assessment, anchors: ReadonlyMap<string, string>) {
  const limit = assessment.profile.parameters['blast-max-weight'];
  const most = Math.max(1, ...assessment.identities.widest.map(({ weight }) => weight));
  return assessment.identities.widest.map((reach) => ({
    name: reach.name,
    bar: { reach, limit: typeof limit === 'number' ? limit : null, most },
    size: `${reach.atLeast ? 'at least ' : ''}${plural(reach.resources, 'resource')}, weight ${grouped(reach.weight)}`,
    kinds: Object.entries(reach.bySensitivity)
      .map(([sensitivity, count]) => `${grouped(count)} ${sensitivity.replace('-', ' ')}`)
      .join(', '),
    way: reach.path.map(({ how, to }) => `${how} ${to}`).join(', '),
    open: !reach.closed,
    link: { text: `${reach.source.path}, ${reach.source.at}`, anchor: anchors.get(reach.source.path) },
  }));
}
