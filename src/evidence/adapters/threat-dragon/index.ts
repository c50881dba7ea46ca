import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { type FoundThreat, letters, severityOf, threatReading } from '../../threats.ts';

// https://www.threatdragon.com/docs/ and the JSON schemas in OWASP/threat-dragon. Version 2 keeps threats at
// detail.diagrams[].cells[].data.threats[], version 1 at detail.diagrams[].diagramJson.cells[].threats[]. A model carries no
// date of its own.

const threat = z.looseObject({
  id: z.union([z.string().max(100), z.number()]).optional(),
  title: z.string().default('(untitled)'),
  type: z.string().optional(),
  status: z.string().optional(),
  severity: z.string().optional(),
  mitigation: z.string().optional(),
  description: z.string().optional(),
});
const second = z.looseObject({
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
const first = z.looseObject({
  summary: z.looseObject({ title: z.string() }),
  detail: z.looseObject({
    diagrams: z.array(
      z.looseObject({
        diagramJson: z
          .looseObject({
            cells: z
              .array(
                z.looseObject({
                  outOfScope: z.boolean().optional(),
                  threats: z.array(threat).nullish(),
                  attrs: z.looseObject({ text: z.looseObject({ text: z.string().optional() }).optional() }).optional(),
                }),
              )
              .default([]),
          })
          .optional(),
      }),
    ),
  }),
});

const STATUS = table<ThreatBody['status']>({
  open: 'open',
  mitigated: 'mitigated',
  notapplicable: 'not-applicable',
  na: 'not-applicable',
});
const TOOL = 'OWASP Threat Dragon';

function toThreat(
  found: z.infer<typeof threat>,
  cell: { element: string | undefined; outOfScope: boolean | undefined },
  at: string,
): FoundThreat {
  return {
    id: found.id,
    title: found.title,
    category: found.type,
    ...cell,
    status: STATUS[letters(found.status)] ?? 'unknown',
    severity: severityOf(found.severity),
    mitigation: found.mitigation,
    words: [found.description],
    at,
  };
}

/** Whether the first bytes are those of a model, and of which version. */
function versionOf(head: { text: string; complete: boolean }): { version: 1 | 2; certain: boolean } | undefined {
  if (!/^\s*\{/.test(head.text) || !/"summary"\s*:\s*\{/.test(head.text)) return undefined;
  if (/"diagramJson"\s*:/.test(head.text)) return { version: 1, certain: true };
  const diagrams = /"(diagrams|diagramType|diagramTop)"\s*:/.test(head.text);
  if (/"version"\s*:\s*"1\./.test(head.text) || (head.complete && !/"version"\s*:\s*"2\./.test(head.text)))
    return diagrams ? { version: 1, certain: true } : undefined;
  return diagrams || /"details?"\s*:\s*\{/.test(head.text) ? { version: 2, certain: diagrams } : undefined;
}

export const adapter: Adapter = {
  format: 'threat-dragon-v2',
  title: 'OWASP Threat Dragon threat model, version 2 (JSON)',
  about: {
    group: 'threat models',
    files: 'OWASP Threat Dragon 2 (JSON)',
    recognisedBy: '`summary`, `detail.diagrams`',
    gives: 'threats with status, severity, mitigation, element',
    limits: 'no date',
  },
  recognise(head): number {
    const found = versionOf(head);
    return found?.version === 2 ? (found.certain ? 0.9 : 0.4) : 0;
  },
  async read(file, context) {
    const { summary, detail, version } = fitted(second, await file.json(), file, 'a Threat Dragon v2 model');
    return threatReading(
      {
        tool: { name: TOOL, ...(version ? { version } : {}) },
        title: summary.title,
        at: '/summary',
        threats: detail.diagrams.flatMap(({ cells }, d) =>
          cells.flatMap(({ data }, c) =>
            (data?.threats ?? []).map((one, t) =>
              toThreat(
                one,
                { element: data?.name, outOfScope: data?.outOfScope },
                `/detail/diagrams/${d}/cells/${c}/data/threats/${t}`,
              ),
            ),
          ),
        ),
      },
      context,
    );
  },
};

export const legacyAdapter: Adapter = {
  format: 'threat-dragon-v1',
  title: 'OWASP Threat Dragon threat model, version 1 (JSON)',
  about: {
    group: 'threat models',
    files: 'OWASP Threat Dragon 1 (JSON)',
    recognisedBy: '`summary`, `detail.diagrams`',
    gives: 'threats with status, severity, mitigation, element',
    limits: 'no date',
  },
  recognise: (head) => (versionOf(head)?.version === 1 ? 0.85 : 0),
  async read(file, context) {
    const { summary, detail } = fitted(first, await file.json(), file, 'a Threat Dragon v1 model');
    return threatReading(
      {
        tool: { name: TOOL, version: '1' },
        title: summary.title,
        at: '/summary',
        threats: detail.diagrams.flatMap(({ diagramJson }, d) =>
          (diagramJson?.cells ?? []).flatMap(({ threats, outOfScope, attrs }, c) =>
            (threats ?? []).map((one, t) =>
              toThreat(
                one,
                { element: attrs?.text?.text?.replaceAll(/\s+/g, ' '), outOfScope },
                `/detail/diagrams/${d}/diagramJson/cells/${c}/threats/${t}`,
              ),
            ),
          ),
        ),
      },
      context,
    );
  },
};
