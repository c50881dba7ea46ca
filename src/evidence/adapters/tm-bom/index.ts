import { z } from 'zod';
import { type Adapter, newReading } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { severityOf, threatReading } from '../../threats.ts';

// OWASP Threat Model Library, threat-model.schema.json: threats, the controls against them with their status, and risks with
// a level. CycloneDX 1.6 draws elements of a model as components of type threat-model and has no field for threats.

const threat = z.looseObject({
  symbolic_name: z.string().max(200),
  title: z.string(),
  description: z.string().nullish(),
  event: z.string().nullish(),
});
const control = z.looseObject({
  title: z.string(),
  threats: z.array(z.string()).nullish(),
  status: z.string().nullish(),
});
const risk = z.looseObject({ threats: z.array(z.string()).nullish(), level: z.string().nullish() });
const model = z.looseObject({
  scope: z.looseObject({ title: z.string() }),
  reviewed_at: z.string().nullish(),
  threats: z.array(threat).default([]),
  controls: z.array(control).default([]),
  risks: z.array(risk).default([]),
});

const REFUSED = new Set(['wont_do', 'retired']);
const LEVELS: readonly ThreatBody['severity'][] = ['low', 'medium', 'high', 'critical'];

interface Answer {
  status: ThreatBody['status'];
  severity: ThreatBody['severity'];
  mitigation?: string;
}

const UNANSWERED: Answer = { status: 'open', severity: 'unknown' };

/** What controls and risks say of each threat by its name: mitigated where every control against it is active. */
function answersOf({ controls, risks }: z.infer<typeof model>): Map<string, Answer> {
  const against = new Map<string, { titles: string[]; active: boolean }>();
  for (const { title, threats, status } of controls) {
    if (REFUSED.has(status ?? '')) continue;
    for (const name of new Set(threats ?? [])) {
      const known = against.get(name) ?? { titles: [], active: true };
      against.set(name, known);
      known.active &&= status === 'active';
      if (known.titles.length < 20) known.titles.push(`${title} (${status ?? 'no status'})`);
    }
  }
  const levels = new Map<string, ThreatBody['severity']>();
  for (const { threats, level } of risks)
    for (const name of new Set(threats ?? [])) {
      const severity = severityOf(level);
      if (LEVELS.indexOf(severity) > LEVELS.indexOf(levels.get(name) ?? 'unknown')) levels.set(name, severity);
    }
  return new Map(
    [...new Set([...against.keys(), ...levels.keys()])].map((name) => {
      const found = against.get(name);
      return [
        name,
        {
          status: found?.active ? 'mitigated' : 'open',
          severity: levels.get(name) ?? 'unknown',
          ...(found ? { mitigation: found.titles.join('; ') } : {}),
        },
      ];
    }),
  );
}

export const libraryAdapter: Adapter = {
  format: 'owasp-threat-model-library',
  title: 'OWASP Threat Model Library model (TM-BOM, JSON)',
  about: {
    group: 'threat models',
    files: 'OWASP Threat Model Library (TM-BOM)',
    recognisedBy: 'its schema',
    gives: 'threats, controls and their status, levels of risks',
    limits: 'mitigated only where every control is active',
  },
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    (/threat-model-library/.test(head.text) ||
      (/"scope"\s*:\s*\{/.test(head.text) && /"trust_(zones|boundaries)"\s*:/.test(head.text)))
      ? 0.9
      : 0,
  async read(file, context) {
    const found = fitted(model, await file.json(), file, 'a model of the OWASP Threat Model Library');
    const answers = answersOf(found);
    return threatReading(
      {
        tool: { name: 'OWASP Threat Model Library' },
        title: found.scope.title,
        date: moment(found.reviewed_at),
        at: '/scope',
        threats: found.threats.map((one, index) => ({
          id: one.symbolic_name,
          title: one.title,
          ...(answers.get(one.symbolic_name) ?? UNANSWERED),
          words: [one.description, one.event],
          at: `/threats/${index}`,
        })),
      },
      context,
    );
  },
};

const component = z.looseObject({
  type: z.string(),
  name: z.string(),
  components: z.array(z.looseObject({ type: z.string() })).nullish(),
});
const bom = z.looseObject({
  specVersion: z.string(),
  metadata: z.looseObject({ timestamp: z.string().nullish() }).nullish(),
  components: z.array(component).default([]),
});

export const adapter: Adapter = {
  format: 'cyclonedx-threat-model',
  title: 'CycloneDX threat model (JSON), in which there is no place for threats',
  about: {
    group: 'threat models',
    files: 'CycloneDX threat model (JSON)',
    recognisedBy: 'components of type `threat-model`',
    gives: 'nothing to assess: it draws elements and has no place for threats',
  },
  recognise: (head) =>
    /"bomFormat"\s*:\s*"CycloneDX"/.test(head.text) && /"type"\s*:\s*"threat-model"/.test(head.text) ? 0.9 : 0,
  async read(file) {
    const found = fitted(bom, await file.json(), file, 'a CycloneDX document');
    const models = found.components.filter(({ type }) => type === 'threat-model');
    const reading = newReading({ name: 'CycloneDX', version: found.specVersion });
    const date = moment(found.metadata?.timestamp);
    if (date !== undefined) reading.collected = date;
    const elements = models.reduce((sum, { components }) => sum + (components?.length ?? 0), 0);
    reading.warnings.push(
      `it draws ${elements} elements of ${models.map(({ name }) => name).join(', ')}, and CycloneDX ${found.specVersion} has no field for threats: hand in the model it was made from`,
    );
    return reading;
  },
};
