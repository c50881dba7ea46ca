import { z } from 'zod';
import { parseYaml } from '../../../files/yaml.ts';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment, pointerStep } from '../../fitting.ts';
import type { ThreatBody } from '../../observations/governance.ts';
import { type FoundThreat, letters, severityOf, threatReading, withoutTags } from '../../threats.ts';

// https://github.com/Threagile/threagile: the model in YAML holds the risks that people add; those that its rules find are
// written to risks.json, which has no date and no mitigations.

const STATUS = table<ThreatBody['status']>({
  unchecked: 'open',
  indiscussion: 'open',
  // Accepted is not mitigated.
  accepted: 'open',
  inprogress: 'open',
  mitigated: 'mitigated',
  falsepositive: 'not-applicable',
});

const risk = z.looseObject({
  category: z.string().max(200),
  risk_status: z.string().optional(),
  severity: z.string().optional(),
  title: z.string(),
  synthetic_id: z.string().max(1000),
  most_relevant_technical_asset: z.string().nullish(),
  most_relevant_data_asset: z.string().nullish(),
});

export const risksAdapter: Adapter = {
  format: 'threagile-risks',
  title: 'Threagile risks (risks.json)',
  about: {
    group: 'threat models',
    files: 'Threagile risks (`risks.json`)',
    recognisedBy: '`synthetic_id`',
    gives: 'risks that its rules found, with their state',
    limits: 'no date and no mitigation; an accepted risk is open',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) && /"synthetic_id"\s*:/.test(head.text) && /"exploitation_likelihood"\s*:/.test(head.text)
      ? 0.95
      : 0,
  async read(file, context) {
    const risks = fitted(z.array(risk), await file.json(), file, 'a list of Threagile risks');
    return threatReading(
      {
        tool: { name: 'Threagile' },
        title: 'Threagile risks',
        at: '',
        threats: risks.map((found, index) => ({
          id: found.synthetic_id,
          title: withoutTags(found.title),
          category: found.category,
          element: found.most_relevant_technical_asset || found.most_relevant_data_asset || undefined,
          status: STATUS[letters(found.risk_status)] ?? 'unknown',
          severity: severityOf(found.severity),
          at: `/${index}`,
        })),
      },
      context,
    );
  },
};

const category = z.looseObject({
  id: z.string().nullish(),
  description: z.string().nullish(),
  impact: z.string().nullish(),
  mitigation: z.string().nullish(),
  stride: z.string().nullish(),
  risks_identified: z
    .record(
      z.string().max(1000),
      z
        .looseObject({
          severity: z.string().nullish(),
          most_relevant_technical_asset: z.string().nullish(),
        })
        .nullish(),
    )
    .nullish(),
});
const model = z.looseObject({
  threagile_version: z.union([z.string(), z.number()]),
  title: z.string(),
  date: z.string().nullish(),
  technical_assets: z
    .record(z.string(), z.looseObject({ id: z.string().nullish(), out_of_scope: z.boolean().nullish() }).nullish())
    .nullish(),
  abuse_cases: z.record(z.string(), z.unknown()).nullish(),
  individual_risk_categories: z.record(z.string().max(1000), category).nullish(),
  custom_risk_categories: z.record(z.string().max(1000), category).nullish(),
  risk_tracking: z.record(z.string().max(1000), z.looseObject({ status: z.string().nullish() }).nullish()).nullish(),
});
type Model = z.infer<typeof model>;

/** So many patterns with wildcards are held against every risk; further ones leave risks open. */
const MOST_PATTERNS = 200;

/** The status that tracking gives a risk: its id is the category's, then the assets', apart by `@`; `*` stands for any. */
function trackedStatus({ risk_tracking: tracking }: Model): (id: string) => ThreatBody['status'] {
  const entries = Object.entries(tracking ?? {});
  const exact = new Map(entries.map(([id, found]) => [id, found?.status]));
  const patterns = entries
    .filter(([id]) => id.includes('*'))
    .slice(0, MOST_PATTERNS)
    .map(([id, found]) => ({ parts: id.split('@'), status: found?.status }));
  return (id) => {
    const given = id.split('@');
    const status =
      exact.get(id) ??
      patterns.find(
        ({ parts }) => parts.length === given.length && parts.every((part, i) => part === '*' || part === given[i]),
      )?.status;
    return STATUS[letters(status)] ?? 'open';
  };
}

export const adapter: Adapter = {
  format: 'threagile',
  title: 'Threagile model (YAML)',
  about: {
    group: 'threat models',
    files: 'Threagile model (YAML)',
    recognisedBy: '`threagile_version`',
    gives: 'risks added by people with their tracking',
    limits: 'the model does not hold what the rules find; an accepted risk is open',
  },
  recognise: (head) => (/^"?threagile_version"?\s*:/m.test(head.text) ? 0.95 : 0),
  async read(file, context) {
    const value = parseYaml(await file.text(), file.path, 'EVIDENCE_MALFORMED').value;
    const found = fitted(model, value, file, 'a Threagile model');
    const tracked = trackedStatus(found);
    const outside = new Set(
      Object.entries(found.technical_assets ?? {}).flatMap(([name, asset]) =>
        asset?.out_of_scope ? [asset.id ?? name] : [],
      ),
    );
    const threats = (['individual_risk_categories', 'custom_risk_categories'] as const).flatMap((list) =>
      Object.entries(found[list] ?? {}).flatMap(([name, of]) =>
        Object.entries(of.risks_identified ?? {}).map(([title, one]): FoundThreat => {
          const asset = one?.most_relevant_technical_asset ?? undefined;
          const id = `${of.id ?? name}@${asset ?? ''}`;
          return {
            id,
            title: withoutTags(title),
            category: of.stride ?? name,
            element: asset,
            status: tracked(id),
            severity: severityOf(one?.severity),
            mitigation: of.mitigation ?? undefined,
            words: [name, of.description, of.impact],
            outOfScope: asset !== undefined && outside.has(asset),
            at: `/${list}/${pointerStep(name)}/risks_identified/${pointerStep(title)}`,
          };
        }),
      ),
    );
    const reading = threatReading(
      {
        tool: { name: 'Threagile', version: String(found.threagile_version) },
        title: found.title,
        date: moment(found.date),
        at: '/title',
        threats,
      },
      context,
    );
    reading.warnings.push('the risks that Threagile works out are not in its model: hand in risks.json as well');
    const abuse = Object.keys(found.abuse_cases ?? {}).length;
    if (abuse > 0) reading.warnings.push(`${abuse} abuse cases have neither status nor severity, and are not counted`);
    return reading;
  },
};
