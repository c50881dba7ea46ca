import { type Control, STRENGTHS } from '../catalog/schemas.ts';
import { mapText } from '../evidence/text.ts';
import { ATTACK_CLASSES, type AttackClass } from '../terms.ts';

/*
 * Controls as rows: what a spreadsheet is exported as, and read back from. Lists stand one entry a line; criteria stand as
 * JSON, because they have parts.
 */

export type Cells = Record<string, string>;

const PREFIX: Record<AttackClass, string> = {
  'membership-inference': 'Membership inference',
  inversion: 'Model inversion',
};

/** The columns, in order; the first four are enough to import a control. */
export const COLUMNS: readonly { name: string; width: number }[] = [
  { name: 'Id', width: 12 },
  { name: 'Title', width: 44 },
  { name: 'Family', width: 22 },
  { name: 'Objective', width: 60 },
  { name: 'Severity', width: 10 },
  { name: 'Surfaces', width: 22 },
  { name: 'Training', width: 10 },
  ...ATTACK_CLASSES.flatMap((attackClass) => [
    { name: `${PREFIX[attackClass]}: consequence`, width: 50 },
    { name: `${PREFIX[attackClass]}: criteria`, width: 70 },
  ]),
  { name: 'Not for', width: 30 },
  { name: 'Evidence', width: 60 },
  { name: 'Frameworks', width: 60 },
  { name: 'Remediation', width: 60 },
  { name: 'References', width: 40 },
];

/** One control as a row. Lines of a cell are the entries of a list, so that no text has any of its own. */
export function toRow(document: Control): Cells {
  const control = mapText(document, (text) => text.replaceAll(/\s*\n\s*/g, ' '));
  const perClass = ATTACK_CLASSES.flatMap((attackClass): [string, string][] => {
    const entry = control.attackClasses[attackClass];
    return [
      [`${PREFIX[attackClass]}: consequence`, entry?.consequence ?? ''],
      [`${PREFIX[attackClass]}: criteria`, entry ? JSON.stringify(entry.criteria) : ''],
    ];
  });
  return {
    Id: control.id,
    Title: control.title,
    Family: control.family,
    Objective: control.objective,
    Severity: control.severity,
    Surfaces: control.appliesTo?.surfaces?.join('\n') ?? '',
    Training: control.appliesTo?.training ? 'yes' : '',
    ...Object.fromEntries(perClass),
    'Not for': Object.entries(control.notFor ?? {})
      .map(([name, reason]) => `${name}: ${reason}`)
      .join('\n'),
    Evidence: control.evidence.map(({ what, example }) => (example ? `${what} [${example}]` : what)).join('\n'),
    Frameworks: Object.entries(control.frameworks)
      .flatMap(([framework, mappings]) =>
        mappings.map(({ item, strength, part, reason }) =>
          [
            framework,
            item,
            ...(reason === undefined
              ? []
              : [part === undefined ? (strength ?? UNKNOWN) : `${strength}: ${part}`, reason]),
          ].join(' | '),
        ),
      )
      .join('\n'),
    Remediation: control.remediation.join('\n'),
    References: control.references.join('\n'),
  };
}

const lines = (text: string | undefined): string[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/**
 * A row as the plain document of a control, to be checked by its schema. A cell of criteria that is no JSON is read as the
 * statement of one that somebody attests to.
 */
export function fromRow(row: Cells): unknown {
  const cell = (name: string): string => (row[name] ?? '').trim();
  const attackClasses = Object.fromEntries(
    ATTACK_CLASSES.flatMap((attackClass) => {
      const consequence = cell(`${PREFIX[attackClass]}: consequence`);
      return consequence === ''
        ? []
        : [
            [
              attackClass,
              { consequence, criteria: criteriaOf(cell(`${PREFIX[attackClass]}: criteria`), cell('Objective')) },
            ],
          ];
    }),
  );
  const notFor = Object.fromEntries(
    lines(row['Not for']).map((line) => [
      line.slice(0, line.indexOf(':')).trim(),
      line.slice(line.indexOf(':') + 1).trim(),
    ]),
  );
  const surfaces = lines(row.Surfaces);
  const training = cell('Training').toLowerCase() === 'yes';
  const evidence = lines(row.Evidence).map((line) => {
    const named = /^(.*) \[([^\]]+)\]$/.exec(line);
    return named ? { what: named[1], example: named[2] } : line;
  });
  return {
    apiVersion: 'probity/v1',
    kind: 'Control',
    id: cell('Id'),
    title: cell('Title'),
    family: cell('Family').toLowerCase(),
    severity: cell('Severity').toLowerCase() || 'medium',
    objective: cell('Objective'),
    ...(surfaces.length > 0 || training
      ? { appliesTo: { ...(surfaces.length > 0 ? { surfaces } : {}), ...(training ? { training } : {}) } }
      : {}),
    attackClasses,
    ...(Object.keys(notFor).length > 0 ? { notFor } : {}),
    evidence: evidence.length > 0 ? evidence : [`An Attestation for ${cell('Id')} that names the attack class.`],
    frameworks: frameworksOf(lines(row.Frameworks)),
    remediation:
      lines(row.Remediation).length > 0
        ? lines(row.Remediation)
        : ['Do what the objective says, and have it attested.'],
    references: lines(row.References),
  };
}

function criteriaOf(text: string, objective: string): unknown {
  if (text.startsWith('[')) {
    try {
      return JSON.parse(text);
    } catch {
      // Then it is prose that begins with a bracket.
    }
  }
  return lines(text || objective).map((statement, index) => ({
    id: `attested-${index + 1}`,
    statement,
    check: 'attested',
    with: { facts: { basis: true } },
    maxAge: { param: 'attestation-max-age' },
  }));
}

/** Stands where the strength of a mapping would, when none is given. */
const UNKNOWN = 'strength unknown';

/** What a table says of one mapping, as a control file says it; its schema judges it. */
type Stated = string | { strength: string; part?: string; reason: string };

/** The cells of a mapping after framework and item: `full | reason`, `partial: which part | reason`, or the reason alone. */
function statedOf([first = '', ...rest]: readonly string[]): Stated {
  const reason = rest.join(' | ');
  if (reason === '') return first;
  if (first === UNKNOWN) return reason;
  const [strength = '', ...part] = first.split(':');
  if (!STRENGTHS.some((known) => known === strength.trim().toLowerCase())) return [first, reason].join(' | ');
  const said = part.join(':').trim();
  return { strength: strength.trim().toLowerCase(), ...(said === '' ? {} : { part: said }), reason };
}

/** `framework | item | strength | reason`, or `framework: item, item`. */
function frameworksOf(entries: readonly string[]): Record<string, Record<string, Stated> | string[]> {
  const reasoned: Record<string, Record<string, Stated>> = Object.create(null);
  const bare: Record<string, string[]> = Object.create(null);
  for (const entry of entries) {
    const [framework = '', item, ...reason] = entry.split('|').map((part) => part.trim());
    if (item !== undefined && reason.length > 0)
      reasoned[framework] = { ...reasoned[framework], [item]: statedOf(reason) };
    else if (item !== undefined) bare[framework] = [...(bare[framework] ?? []), item];
    else {
      const [name = '', list = ''] = [entry.slice(0, entry.indexOf(':')).trim(), entry.slice(entry.indexOf(':') + 1)];
      bare[name] = [
        ...(bare[name] ?? []),
        ...list
          .split(/[,;]/)
          .map((one) => one.trim())
          .filter(Boolean),
      ];
    }
  }
  // A framework with reasons for some items only keeps its items without them in a list of their own, which lint then names.
  return { ...bare, ...reasoned };
}
