import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { letters, severityOf, threatReading } from '../../threats.ts';

// https://github.com/izar/pytm: what `tm.py --json FILE` writes. `findings` is filled once threats are resolved; `response`
// says how one is handled (mitigated, transferred, avoided, accepted). The file has no date.

const finding = z.looseObject({
  id: z.union([z.string(), z.number()]).nullish(),
  threat_id: z.string().nullish(),
  description: z.string().nullish(),
  details: z.string().nullish(),
  severity: z.string().nullish(),
  mitigations: z.string().nullish(),
  target: z.unknown(),
  response: z.string().nullish(),
});
const model = z.looseObject({
  name: z.string(),
  elements: z.array(z.looseObject({ name: z.string().optional(), inScope: z.boolean().nullish() })),
  findings: z.array(finding),
  excluded_findings: z.array(z.unknown()).default([]),
});

const STATUS = table<ThreatBody['status']>({
  mitigated: 'mitigated',
  avoided: 'not-applicable',
  notapplicable: 'not-applicable',
});

export const adapter: Adapter = {
  format: 'pytm',
  title: 'pytm model (JSON)',
  about: {
    group: 'threat models',
    files: 'pytm (JSON)',
    recognisedBy: '`threatsFile`, `__class__`',
    gives: 'findings with severity and response',
    limits: "`mitigations` are the library's advice",
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    /"(__class__|threatsFile|mergeResponses)"\s*:/.test(head.text) &&
    /"(actors|assets|elements)"\s*:/.test(head.text)
      ? 0.85
      : 0,
  async read(file, context) {
    const found = fitted(model, await file.json(), file, 'a pytm model');
    const outside = new Set(found.elements.flatMap(({ name, inScope }) => (inScope === false && name ? [name] : [])));
    const reading = threatReading(
      {
        tool: { name: 'pytm' },
        title: found.name,
        at: '/name',
        threats: found.findings.map((one, index) => {
          const target = typeof one.target === 'string' ? one.target : undefined;
          const handled = letters(one.response?.split(/[\s:,]/)[0]);
          return {
            id: one.id ?? one.threat_id ?? undefined,
            title: one.description ?? one.threat_id ?? '(untitled)',
            category: one.threat_id ?? undefined,
            element: target,
            status: STATUS[handled] ?? 'open',
            severity: severityOf(one.severity),
            // `mitigations` is what the library advises; what was done about it is the response.
            mitigation: one.response ?? undefined,
            words: [one.details],
            outOfScope: target !== undefined && outside.has(target),
            at: `/findings/${index}`,
          };
        }),
      },
      context,
    );
    if (found.excluded_findings.length > 0)
      reading.warnings.push(`${found.excluded_findings.length} findings that the model excludes are not counted`);
    return reading;
  },
};
