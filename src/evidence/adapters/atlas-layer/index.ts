import { z } from 'zod';
import { table } from '../../../table.ts';
import { type Adapter, newReading } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { letters, severityOf, threatReading } from '../../threats.ts';

// https://github.com/mitre-attack/attack-navigator, layers/spec: a layer marks techniques. A mark says that somebody looked at
// a technique, not how it stands; only metadata named status, severity, mitigation, owner or due say that.

const entry = z.looseObject({ name: z.string().optional(), value: z.unknown() });
const layer = z.looseObject({
  name: z.string(),
  domain: z.string(),
  techniques: z.array(
    z.looseObject({
      techniqueID: z.string().max(40),
      tactic: z.string().nullish(),
      comment: z.string().nullish(),
      enabled: z.boolean().nullish(),
      metadata: z.array(entry).nullish(),
    }),
  ),
});

const STATUS = table<ThreatBody['status']>({
  open: 'open',
  accepted: 'open',
  inprogress: 'open',
  mitigated: 'mitigated',
  closed: 'mitigated',
  notapplicable: 'not-applicable',
});

function metadataOf(list: z.infer<typeof entry>[] | null | undefined): (name: string) => string | undefined {
  return (name) => {
    const value = list?.find((one) => letters(one.name) === name)?.value;
    return typeof value === 'string' && value.trim() !== '' ? value : undefined;
  };
}

export const adapter: Adapter = {
  format: 'atlas-layer',
  title: 'MITRE ATLAS layer (Navigator JSON)',
  about: {
    group: 'threat models',
    files: 'MITRE ATLAS layer (JSON)',
    recognisedBy: '`techniqueID` of ATLAS',
    gives: 'techniques whose metadata have a `status`',
    limits: 'a mark without a status says that somebody looked, not how it stands',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"techniqueID"\s*:/.test(head.text) &&
    /"domain"\s*:\s*"[^"]*atlas|"AML\.T/i.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const found = fitted(layer, await file.json(), file, 'a layer of MITRE ATLAS');
    const tool = { name: 'MITRE ATLAS Navigator' };
    const threats = found.techniques.flatMap((one, index) => {
      const of = metadataOf(one.metadata);
      const status = of('status');
      if (one.enabled === false || status === undefined) return [];
      return [
        {
          id: `${one.techniqueID}${one.tactic ? `/${one.tactic}` : ''}`,
          title: one.comment || one.techniqueID,
          category: one.techniqueID,
          status: STATUS[letters(status)] ?? ('unknown' as const),
          severity: severityOf(of('severity')),
          mitigation: of('mitigation'),
          owner: of('owner'),
          due: /^\d{4}-\d{2}-\d{2}$/.test(of('due') ?? '') ? of('due') : undefined,
          at: `/techniques/${index}`,
        },
      ];
    });
    // Without any status it is no threat model, and must not pass or fail as one.
    const reading =
      threats.length > 0 ? threatReading({ tool, title: found.name, at: '/name', threats }, context) : newReading(tool);
    const marked = found.techniques.length - threats.length;
    if (marked > 0) {
      const named = found.techniques.filter(({ techniqueID }) => context.terms.attackClasses(techniqueID).length > 0);
      reading.warnings.push(
        `${marked} of ${found.techniques.length} techniques are marked without a status in their metadata, which says that somebody looked at them and not how they stand; ${named.length} of all name one of the two attack classes`,
      );
    }
    return reading;
  },
};
