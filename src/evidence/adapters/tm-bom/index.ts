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

export const libraryAdapter: Adapter = {
  format: 'owasp-threat-model-library',
  title: 'OWASP Threat Model Library model (TM-BOM, JSON)',
  recognise: (head) =>
    /^\s*\{/.test(head.text) &&
    (/threat-model-library/.test(head.text) ||
      (/"scope"\s*:\s*\{/.test(head.text) && /"trust_(zones|boundaries)"\s*:/.test(head.text)))
      ? 0.9
      : 0,
  async read(file, context) {
    const found = fitted(model, await file.json(), file, 'a model of the OWASP Threat Model Library');
    return threatReading(
      {
        tool: { name: 'OWASP Threat Model Library' },
        title: found.scope.title,
        date: moment(found.reviewed_at),
        at: '/scope',
        threats: found.threats.map((one, index) => {
          const against = found.controls.filter(
            ({ threats, status }) => threats?.includes(one.symbolic_name) && !REFUSED.has(status ?? ''),
          );
          const levels = found.risks.flatMap(({ threats, level }) =>
            threats?.includes(one.symbolic_name) ? [severityOf(level)] : [],
          );
          const gravest = levels.toSorted((a, b) => LEVELS.indexOf(b) - LEVELS.indexOf(a))[0];
          const done = against.length > 0 && against.every(({ status }) => status === 'active');
          return {
            id: one.symbolic_name,
            title: one.title,
            status: done ? 'mitigated' : 'open',
            severity: gravest ?? 'unknown',
            mitigation: against.map(({ title, status }) => `${title} (${status ?? 'no status'})`).join('; '),
            words: [one.description, one.event],
            at: `/threats/${index}`,
          };
        }),
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
