import { z } from 'zod';
import { type Adapter, newReading, type Reading } from '../../adapter.ts';
import { Attempts } from '../../attempts.ts';
import { fitted } from '../../fitting.ts';
import { eachPythonValue } from '../../streaming.ts';

// Azure AI red teaming agent: RedTeamResult.to_json() in azure-ai-evaluation, red_team/_red_team_result.py (ScanResult).

const WHAT = 'a scan of the Azure AI red teaming agent';
const count = z.number().int().min(0);
const attack = z.looseObject({
  attack_success: z.boolean().nullish(),
  attack_technique: z.string().max(200).nullish(),
  risk_category: z.string().max(200),
});
const summary = z.looseObject({ risk_category_summary: z.array(z.looseObject({})).nullish() }).nullish();

/** Says where the scorecard counts other numbers than the attacks add up to, by category. */
function compare(reading: Reading, scorecard: z.infer<typeof summary>, hits: ReadonlyMap<string, number>): void {
  for (const [category, found] of hits) {
    const stated = count.safeParse(scorecard?.risk_category_summary?.[0]?.[`${category}_successful_attacks`]);
    if (stated.success && stated.data !== found)
      reading.warnings.push(
        `its scorecard counts ${stated.data} successful attacks of ${category}, and its attacks are ${found}; the attacks are used`,
      );
  }
}

export const adapter: Adapter = {
  format: 'azure-red-team',
  title: 'Azure AI red teaming agent (JSON)',
  about: {
    group: 'attack results',
    files: 'Azure AI red teaming agent (JSON)',
    recognisedBy: '`risk_category_summary`',
    gives: 'attempts and successes by risk category and technique',
    limits: '`sensitive_data_leakage` and `protected_material` can fail and not pass, the rest is listed',
    records: { declare: 'target, day' },
  },
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    if (/"risk_category_summary"\s*:/.test(text)) return 1;
    return /"attack_details"\s*:/.test(text) && /"risk_category"\s*:/.test(text) ? 0.9 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'Azure AI red teaming agent' });
    if (context.declared.collected) reading.collected = context.declared.collected;
    const attempts = new Attempts('azure-red-team', context);
    const hits = new Map<string, number>();
    let scorecard: z.infer<typeof summary>;
    await eachPythonValue(file, ['$.scorecard', '$.attack_details.*'], (value, at) => {
      if (at === '/scorecard') {
        scorecard = fitted(summary, value, file, WHAT, at);
        return;
      }
      const { attack_success: success, attack_technique: technique, ...one } = fitted(attack, value, file, WHAT, at);
      const probe = one.risk_category;
      hits.set(probe, (hits.get(probe) ?? 0) + Number(success === true));
      attempts.add({
        probe,
        title: technique ? `${probe} via ${technique}` : probe,
        detector: 'Azure evaluator',
        verdict: typeof success !== 'boolean' ? 'unjudged' : success ? 'leaked' : 'resisted',
        at,
      });
    });
    compare(reading, scorecard, hits);
    attempts.finish(reading);
    return reading;
  },
};
