import type { Assessment } from '../../assess/assessment.ts';
import { SUPPORTING_FAMILIES } from '../../catalog/schemas.ts';
import { ATTACK_CLASSES } from '../../terms.ts';
import { grouped } from '../../wording.ts';
import { plural } from '../numbers.ts';
import { CLASS_TITLES, SURFACE_TITLES } from '../words.ts';
import { chip, gapAnchor } from './common.ts';

/** Access, monitoring and governance: one state a class for each control. */
export function supporting(assessment: Assessment, anchors: ReadonlyMap<string, string>) {
  const controls = assessment.controls.filter((control) => SUPPORTING_FAMILIES.includes(control.family));
  return {
    identities: assessment.identities,
    widest: widest(assessment, anchors),
    rows: controls.map((control) => ({
      id: control.id,
      title: control.title,
      cells: ATTACK_CLASSES.map((attackClass) => {
        const result = assessment.results.find((one) => one.control === control.id && one.attackClass === attackClass);
        if (!result)
          return {
            chip: undefined,
            consequence: 'This control does not concern this class.',
            detail: '',
            link: undefined,
          };
        const open = result.state === 'not-satisfied' || result.state === 'not-assessed';
        return {
          chip: chip(result.state, result.reason),
          consequence: open || result.state === 'risk-accepted' ? (control.consequences[attackClass] ?? '') : '',
          detail: result.criteria.map((criterion) => criterion.detail).join(' '),
          link: open ? gapAnchor({ control: control.id, attackClass }) : undefined,
        };
      }),
    })),
    threats: assessment.threats.map((threat) => ({
      ...threat,
      classes: threat.names.map((name) => `${CLASS_TITLES[name.attackClass]} (${name.basis}: ${name.term})`).join('; '),
      surfaces: threat.surfaces.map((surface) => SURFACE_TITLES[surface]).join(', ') || 'none named',
      link: { text: `${threat.source.path}, ${threat.source.at}`, anchor: anchors.get(threat.source.path) },
    })),
  };
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
