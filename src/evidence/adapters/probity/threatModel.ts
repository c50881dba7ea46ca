import { z } from 'zod';
import { apiVersion, attackClass, isoDate, surface } from '../../../schema.ts';
import type { AdapterContext } from '../../adapter.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { evidenceKind } from './kind.ts';

const threat = z.strictObject({
  id: z.string().min(1).max(100),
  title: z.string().min(1).max(400),
  category: z.string().max(100).optional(),
  element: z.string().max(200).optional(),
  description: z.string().max(4000).optional(),
  status: z.enum(['open', 'mitigated', 'not-applicable']),
  severity: z.enum(['low', 'medium', 'high', 'critical']),
  mitigation: z.string().max(4000).optional(),
  owner: z.string().max(200).optional(),
  due: isoDate.optional(),
  attackClasses: z.array(attackClass).optional(),
  surfaces: z.array(surface).optional(),
});

const threatModelSchema = z.strictObject({
  apiVersion,
  kind: z.literal('ThreatModel'),
  title: z.string().min(1).max(200),
  collected: isoDate,
  threats: z.array(threat),
});

/** What the model declares is taken at its word; only where it is silent is its wording searched. */
function namesOf(found: z.infer<typeof threat>, context: AdapterContext): ThreatBody['names'] {
  if (found.attackClasses)
    return found.attackClasses.map((name) => ({ attackClass: name, basis: 'declared', term: 'attackClasses' }));
  return context.terms.attackClasses([found.title, found.category, found.description].filter(Boolean).join('\n'));
}

function surfacesOf(found: z.infer<typeof threat>, context: AdapterContext): ThreatBody['surfaces'] {
  if (found.surfaces) return found.surfaces.map((name) => ({ surface: name, basis: 'declared', term: 'surfaces' }));
  return context.terms.surfaces([found.title, found.element, found.description].filter(Boolean).join('\n'));
}

export const threatModel = evidenceKind({
  kind: 'ThreatModel',
  schema: threatModelSchema,
  observe(document, context, reading) {
    reading.collected = document.collected;
    reading.observations.push({
      kind: 'threat-model',
      title: document.title,
      threats: document.threats.length,
      collected: document.collected,
      at: '/title',
    });
    document.threats.forEach((found, index) => {
      const { attackClasses: _declared, surfaces: _surfaces, description: _description, ...rest } = found;
      reading.observations.push({
        kind: 'threat',
        ...rest,
        names: namesOf(found, context),
        surfaces: surfacesOf(found, context),
        collected: document.collected,
        at: `/threats/${index}`,
      });
    });
  },
});
