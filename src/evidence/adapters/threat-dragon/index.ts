import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import { check, firstIssue } from '../../../schema.ts';
import { table } from '../../../table.ts';
import { type Adapter, type AdapterContext, newReading } from '../../adapter.ts';
import type { Located } from '../../observation.ts';
import type { ThreatBody } from '../../observations/governance.ts';

// https://www.threatdragon.com/docs/ and the v2 JSON schema in OWASP/threat-dragon: detail.diagrams[].cells[].data.threats[].
// A model carries no date of its own.

const threat = z.looseObject({
  id: z.union([z.string().max(100), z.number()]).optional(),
  title: z.string().default('(untitled)'),
  type: z.string().optional(),
  status: z.string().optional(),
  severity: z.string().optional(),
  mitigation: z.string().optional(),
  description: z.string().optional(),
});
const model = z.looseObject({
  version: z.string().optional(),
  summary: z.looseObject({ title: z.string() }),
  detail: z.looseObject({
    diagrams: z.array(
      z.looseObject({
        cells: z
          .array(
            z.looseObject({
              data: z
                .looseObject({
                  name: z.string().optional(),
                  outOfScope: z.boolean().optional(),
                  threats: z.array(threat).optional(),
                })
                .nullish(),
            }),
          )
          .default([]),
      }),
    ),
  }),
});
type Threat = z.infer<typeof threat>;

const STATUS = table<ThreatBody['status']>({
  open: 'open',
  mitigated: 'mitigated',
  notapplicable: 'not-applicable',
  na: 'not-applicable',
});
const SEVERITY = table<ThreatBody['severity']>({
  low: 'low',
  medium: 'medium',
  high: 'high',
  critical: 'critical',
});
const letters = (text: string | undefined): string => (text ?? '').toLowerCase().replace(/[^a-z]/g, '');

function toThreat(
  found: Threat,
  element: string | undefined,
  at: string,
  context: AdapterContext,
): Located<ThreatBody> {
  const words = [found.title, found.type, found.description, found.mitigation, element].filter(Boolean).join('\n');
  const collected = context.declared.collected;
  return {
    kind: 'threat',
    id: String(found.id ?? at),
    title: found.title,
    ...(found.type ? { category: found.type } : {}),
    ...(element ? { element } : {}),
    status: STATUS[letters(found.status)] ?? 'unknown',
    severity: SEVERITY[letters(found.severity)] ?? 'unknown',
    ...(found.mitigation?.trim() ? { mitigation: found.mitigation } : {}),
    names: context.terms.attackClasses([found.title, found.type, found.description].filter(Boolean).join('\n')),
    surfaces: context.terms.surfaces(words),
    ...(collected ? { collected } : {}),
    tool: { name: 'OWASP Threat Dragon' },
    at,
  };
}

export const adapter: Adapter = {
  format: 'threat-dragon-v2',
  title: 'OWASP Threat Dragon threat model, version 2 (JSON)',
  recognise(head): number {
    if (!/^\s*\{/.test(head.text)) return 0;
    const versioned = /"version"\s*:\s*"2\./.test(head.text) || !head.complete;
    const summary = /"summary"\s*:\s*\{/.test(head.text);
    const diagrams = /"(diagrams|diagramType|diagramTop)"\s*:/.test(head.text);
    if (!summary || !versioned) return 0;
    return diagrams ? (/"diagramJson"\s*:/.test(head.text) ? 0 : 0.9) : /"details?"\s*:\s*\{/.test(head.text) ? 0.4 : 0;
  },
  async read(file, context) {
    const parsed = check(model, await file.json());
    if (!parsed.success) {
      const { pointer, message } = firstIssue(parsed.error);
      throw new ProbityError('EVIDENCE_MALFORMED', `not a Threat Dragon v2 model: ${message}`, {
        where: `${file.path}#${pointer}`,
      });
    }
    const { summary, detail, version } = parsed.data;
    const reading = newReading({ name: 'OWASP Threat Dragon', ...(version ? { version } : {}) });
    if (context.declared.collected) reading.collected = context.declared.collected;
    else
      reading.warnings.push(
        'the model does not say when it was last worked on: declare collected under sources in probity.yaml, or its age cannot be shown',
      );
    let threats = 0;
    detail.diagrams.forEach((diagram, d) => {
      diagram.cells.forEach((cell, c) => {
        cell.data?.threats?.forEach((found, t) => {
          threats++;
          reading.observations.push(
            toThreat(found, cell.data?.name, `/detail/diagrams/${d}/cells/${c}/data/threats/${t}`, context),
          );
        });
      });
    });
    reading.observations.unshift({
      kind: 'threat-model',
      title: summary.title,
      threats,
      ...(context.declared.collected ? { collected: context.declared.collected } : {}),
      tool: { name: 'OWASP Threat Dragon' },
      at: '/summary',
    });
    return reading;
  },
};
