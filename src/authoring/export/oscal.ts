import type { Catalog } from '../../catalog/catalog.ts';
import { type Control, type Criterion, FAMILIES, type Framework, type Profile } from '../../catalog/schemas.ts';
import { nameUuid, OSCAL_NAMESPACE, OSCAL_VERSION, token } from '../../files/oscal.ts';
import { ATTACK_CLASSES } from '../../terms.ts';

/*
 * The catalog in OSCAL: a catalog, a profile for each tier of thresholds, and a mapping collection from controls to
 * framework items. The same catalog and date give the same bytes.
 */

const FAMILY_TITLES: Record<(typeof FAMILIES)[number], string> = {
  'membership-inference': 'Membership inference',
  inversion: 'Model inversion',
  access: 'Access',
  monitoring: 'Monitoring',
  governance: 'Governance',
};

/** Documents by file name. @param asOf ISO date that they are dated by */
export function catalogOscal(catalog: Catalog, asOf: string, version: string): Map<string, unknown> {
  const metadata = (title: string) => ({
    title,
    'last-modified': `${asOf.slice(0, 10)}T00:00:00Z`,
    version,
    'oscal-version': OSCAL_VERSION,
    props: [{ name: 'catalog-sha256', ns: OSCAL_NAMESPACE, value: catalog.sha256 }],
  });
  return new Map<string, unknown>([
    ['catalog.oscal.json', { catalog: catalogDocument(catalog, metadata('Probity control catalog')) }],
    ...catalog.profiles.map(({ document }): [string, unknown] => [
      `profile-${document.id}.oscal.json`,
      { profile: profileDocument(document, metadata(`Probity thresholds: ${document.title}`)) },
    ]),
    [
      'mapping.oscal.json',
      { 'mapping-collection': mappingDocument(catalog, metadata('Probity controls and framework items')) },
    ],
  ]);
}

function catalogDocument(catalog: Catalog, metadata: unknown): unknown {
  const parameters = [...new Set(catalog.profiles.flatMap(({ document }) => Object.keys(document.parameters)))].sort();
  return {
    uuid: nameUuid('catalog', catalog.sha256),
    metadata,
    params: parameters.map((id) => ({ id: token(id), label: id.replaceAll('-', ' ') })),
    groups: FAMILIES.flatMap((family) => {
      const controls = catalog.controls.filter(({ document }) => document.family === family);
      return controls.length > 0
        ? [
            {
              id: family,
              class: 'family',
              title: FAMILY_TITLES[family],
              controls: controls.map(({ document }) => controlDocument(document, catalog)),
            },
          ]
        : [];
    }),
  };
}

function controlDocument(control: Control, catalog: Catalog): unknown {
  const id = control.id;
  const off = catalog.changes.off.filter((entry) => entry.control === id);
  return {
    id,
    class: 'probity',
    title: control.title,
    props: [
      { name: 'label', value: id },
      { name: 'severity', ns: OSCAL_NAMESPACE, value: control.severity },
      ...(control.appliesTo?.surfaces ?? []).map((value) => ({ name: 'surface', ns: OSCAL_NAMESPACE, value })),
      ...off.map(({ attackClass, reason, by }) => ({
        name: 'switched-off',
        ns: OSCAL_NAMESPACE,
        value: attackClass ?? 'all-classes',
        remarks: `${by}: ${reason}`,
      })),
    ],
    parts: [
      { id: `${id}_smt`, name: 'statement', prose: control.objective },
      ...ATTACK_CLASSES.flatMap((attackClass) => {
        const entry = control.attackClasses[attackClass];
        if (!entry) return [];
        const at = `${id}_${attackClass}`;
        return [
          {
            id: at,
            name: 'attack-class',
            ns: OSCAL_NAMESPACE,
            title: attackClass,
            prose: entry.consequence,
            parts: entry.criteria.map((criterion) => criterionPart(`${at}.${criterion.id}`, criterion)),
          },
        ];
      }),
      {
        id: `${id}_gdn`,
        name: 'guidance',
        prose: control.remediation.map((step, index) => `${index + 1}. ${step}`).join('\n'),
      },
      {
        id: `${id}_evd`,
        name: 'evidence',
        ns: OSCAL_NAMESPACE,
        prose: control.evidence.map(({ what }) => `- ${what}`).join('\n'),
      },
      ...(control.references.length > 0
        ? [
            {
              id: `${id}_ref`,
              name: 'references',
              ns: OSCAL_NAMESPACE,
              prose: control.references.map((one) => `- ${one}`).join('\n'),
            },
          ]
        : []),
    ],
  };
}

function criterionPart(id: string, criterion: Criterion): unknown {
  const { id: _id, statement, ...rule } = criterion;
  return {
    id,
    name: 'criterion',
    ns: OSCAL_NAMESPACE,
    prose: statement,
    props: [{ name: 'rule', ns: OSCAL_NAMESPACE, value: JSON.stringify(rule) }],
  };
}

function profileDocument(profile: Profile, metadata: unknown): unknown {
  return {
    uuid: nameUuid('profile', profile.id),
    metadata,
    imports: [{ href: 'catalog.oscal.json', 'include-all': {} }],
    merge: { 'as-is': true },
    modify: {
      'set-parameters': Object.entries(profile.parameters).map(([id, value]) => ({
        'param-id': token(id),
        values: [String(value)],
      })),
    },
  };
}

function mappingDocument(catalog: Catalog, metadata: unknown): unknown {
  return {
    uuid: nameUuid('mapping-collection', catalog.sha256),
    metadata,
    provenance: {
      method: 'human',
      'matching-rationale': 'functional',
      status: 'complete',
      'mapping-description':
        'Which items of a framework a control speaks to, how much of each, and why. Strength full: a satisfied control shows, for the system assessed, all that the item asks (superset-of); partial: the part that is named (intersects-with); supports: nothing of the item by itself.',
    },
    mappings: catalog.frameworks.flatMap(({ document }) => {
      const maps = mapsTo(document, catalog);
      return maps.length > 0
        ? [
            {
              uuid: nameUuid('mapping', document.id),
              'source-resource': { type: 'catalog', href: 'catalog.oscal.json' },
              'target-resource': {
                type: 'catalog',
                href: document.url,
                remarks: `${document.title} ${document.version}, ${document.publisher}`,
              },
              maps,
            },
          ]
        : [];
    }),
  };
}

function mapsTo(framework: Framework, catalog: Catalog): unknown[] {
  return catalog.controls.flatMap(({ document: control }) =>
    (control.frameworks[framework.id] ?? []).map(({ item, strength, part, reason }) => ({
      uuid: nameUuid('map', `${control.id} ${framework.id} ${item}`),
      relationship: strength === 'full' ? 'superset-of' : 'intersects-with',
      sources: [{ type: 'control', 'id-ref': control.id }],
      targets: [{ type: 'control', 'id-ref': item }],
      props: [
        { name: 'strength', ns: OSCAL_NAMESPACE, value: strength ?? 'unknown', ...(part ? { remarks: part } : {}) },
      ],
      ...(reason === undefined ? {} : { remarks: reason }),
    })),
  );
}
