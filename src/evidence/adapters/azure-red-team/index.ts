import { z } from 'zod';
import { parsePythonJson } from '../../../files/json.ts';
import { type Adapter, newReading, type Reading } from '../../adapter.ts';
import { Attempts } from '../../attempts.ts';
import { fitted } from '../../fitting.ts';

// Azure AI red teaming agent: RedTeamResult.to_json() in azure-ai-evaluation, red_team/_red_team_result.py (ScanResult).

const count = z.number().int().min(0);
const attack = z.looseObject({
  attack_success: z.boolean().nullish(),
  attack_technique: z.string().max(200).nullish(),
  risk_category: z.string().max(200),
});
const scan = z.looseObject({
  scorecard: z.looseObject({ risk_category_summary: z.array(z.looseObject({})).nullish() }).nullish(),
  attack_details: z.array(attack).max(1_000_000),
});

/** Says where the scorecard counts other numbers than the attacks add up to, by category. */
function compare(reading: Reading, found: z.infer<typeof scan>): void {
  const [summary] = found.scorecard?.risk_category_summary ?? [];
  for (const category of new Set(found.attack_details.map((one) => one.risk_category))) {
    const own = found.attack_details.filter((one) => one.risk_category === category);
    const stated = count.safeParse(summary?.[`${category}_successful_attacks`]);
    const hits = own.filter((one) => one.attack_success === true).length;
    if (stated.success && stated.data !== hits)
      reading.warnings.push(
        `its scorecard counts ${stated.data} successful attacks of ${category}, and its attacks are ${hits}; the attacks are used`,
      );
  }
}

export const adapter: Adapter = {
  format: 'azure-red-team',
  title: 'Azure AI red teaming agent (JSON)',
  recognise({ text }): number {
    if (!/^\s*\{/.test(text)) return 0;
    if (/"risk_category_summary"\s*:/.test(text)) return 1;
    return /"attack_details"\s*:/.test(text) && /"risk_category"\s*:/.test(text) ? 0.9 : 0;
  },
  async read(file, context) {
    const reading = newReading({ name: 'Azure AI red teaming agent' });
    if (context.declared.collected) reading.collected = context.declared.collected;
    const found = fitted(
      scan,
      parsePythonJson(await file.text(), file.path, 'EVIDENCE_MALFORMED'),
      file,
      'a scan of the Azure AI red teaming agent',
    );
    const attempts = new Attempts('azure-red-team', context);
    found.attack_details.forEach(
      ({ attack_success: success, attack_technique: technique, risk_category: probe }, index) => {
        attempts.add({
          probe,
          title: technique ? `${probe} via ${technique}` : probe,
          detector: 'Azure evaluator',
          verdict: typeof success !== 'boolean' ? 'unjudged' : success ? 'leaked' : 'resisted',
          at: `/attack_details/${index}`,
        });
      },
    );
    compare(reading, found);
    attempts.finish(reading);
    return reading;
  },
};
