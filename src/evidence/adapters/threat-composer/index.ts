import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { severityOf, threatReading } from '../../threats.ts';

// https://github.com/awslabs/threat-composer: packages/threat-composer/src/customTypes. What mitigates a threat stands in a
// list of its own, tied to it by mitigationLinks. A model carries no date.

const entry = z.looseObject({ key: z.string(), value: z.unknown() });
const threat = z.looseObject({
  id: z.string().max(100).optional(),
  numericId: z.number().optional(),
  statement: z.string().optional(),
  threatSource: z.string().optional(),
  prerequisites: z.string().optional(),
  threatAction: z.string().optional(),
  threatImpact: z.string().optional(),
  impactedAssets: z.array(z.string()).optional(),
  status: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  metadata: z.array(entry).nullish(),
});
const workspace = z.looseObject({
  schema: z.number(),
  applicationInfo: z.looseObject({ name: z.string().optional() }).optional(),
  threats: z.array(threat).default([]),
  mitigations: z
    .array(z.looseObject({ id: z.string(), content: z.string().optional(), status: z.string().nullish() }))
    .default([]),
  mitigationLinks: z.array(z.looseObject({ mitigationId: z.string(), linkedId: z.string() })).default([]),
});

const STATUS = table<ThreatBody['status']>({
  threatIdentified: 'open',
  threatResolved: 'mitigated',
  threatResolvedNotUseful: 'not-applicable',
});
const STRIDE = table<string>({
  S: 'Spoofing',
  T: 'Tampering',
  R: 'Repudiation',
  I: 'Information disclosure',
  D: 'Denial of service',
  E: 'Elevation of privilege',
});
/** A mitigation that was made. */
const MADE = 'mitigationResolved';
/** A mitigation that somebody decided not to make. */
const REFUSED = 'mitigationResolvedWillNotAction';

/** What the links tie to a threat: the mitigations that are wanted, as one text, and whether each of them was made. */
interface Mitigations {
  text: string;
  made: boolean;
}

function mitigationsOf({ mitigations, mitigationLinks }: z.infer<typeof workspace>): Map<string, Mitigations> {
  const known = new Map(mitigations.map((one) => [one.id, one]));
  const tied = new Map<string, (typeof mitigations)[number][]>();
  for (const { mitigationId, linkedId } of mitigationLinks) {
    const found = known.get(mitigationId);
    if (!found) continue;
    const list = tied.get(linkedId);
    if (list) list.push(found);
    else tied.set(linkedId, [found]);
  }
  return new Map(
    [...tied].map(([id, list]) => {
      const wanted = list.filter(({ status }) => status !== REFUSED);
      const texts = wanted.flatMap(({ content }) => (content?.trim() ? [content] : []));
      return [
        id,
        {
          text: texts.join('; ').slice(0, 4000),
          made: wanted.length > 0 && wanted.every(({ status }) => status === MADE),
        },
      ];
    }),
  );
}

/** How a threat stands: what its status says, and open all the same while one tied to it is not made. */
function statusOf(status: string | null | undefined, mitigations: Mitigations | undefined): ThreatBody['status'] {
  const said = status ? (STATUS[status] ?? 'unknown') : 'unknown';
  return said === 'mitigated' && mitigations?.made === false ? 'open' : said;
}

function metadataOf(found: z.infer<typeof threat>, key: string): unknown {
  return found.metadata?.find((one) => one.key === key)?.value;
}

export const adapter: Adapter = {
  format: 'threat-composer',
  title: 'AWS Threat Composer model (JSON)',
  about: {
    group: 'threat models',
    files: 'AWS Threat Composer (JSON)',
    recognisedBy: '`schema`, `applicationInfo`',
    gives: 'threats with status, priority, STRIDE, tags, and the mitigations linked to them',
    limits:
      'no date; no owner; a resolved threat is mitigated only where every mitigation linked to it is resolved, else it is open',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"schema"\s*:\s*\d/.test(head.text) &&
    /"(applicationInfo|architecture|dataflow|mitigationLinks)"\s*:/.test(head.text)
      ? 0.9
      : 0,
  async read(file, context) {
    const model = fitted(workspace, await file.json(), file, 'a Threat Composer model');
    const mitigations = mitigationsOf(model);
    return threatReading(
      {
        tool: { name: 'Threat Composer' },
        title: model.applicationInfo?.name?.trim() || '(unnamed model)',
        at: '/applicationInfo',
        threats: model.threats.map((found, index) => {
          const stride = metadataOf(found, 'STRIDE');
          const priority = metadataOf(found, 'Priority');
          const told = [found.threatSource, found.prerequisites, found.threatAction, found.threatImpact]
            .filter(Boolean)
            .join(' ');
          const tied = found.id === undefined ? undefined : mitigations.get(found.id);
          return {
            id: found.id ?? found.numericId,
            title: found.statement || told || '(no statement)',
            category: Array.isArray(stride)
              ? stride.flatMap((one) => (typeof one === 'string' ? [STRIDE[one] ?? one] : [])).join(', ')
              : undefined,
            element: found.impactedAssets?.join(', '),
            status: statusOf(found.status, tied),
            severity: severityOf(typeof priority === 'string' ? priority : undefined),
            mitigation: tied?.text,
            words: [...(found.statement ? [] : [told]), ...(found.tags ?? [])],
            at: `/threats/${index}`,
          };
        }),
      },
      context,
    );
  },
};
