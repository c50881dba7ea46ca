import { z } from 'zod';
import { type Adapter, newReading } from '../../adapter.ts';
import { fitted } from '../../fitting.ts';

// Giskard (giskard/scanner/report.py, ScanReport.to_json): by detector and level, the descriptions of the issues found.
// How often was tried is not in the file, so nothing of it can be a rate.

const report = z.record(z.string().max(200), z.record(z.string().max(60), z.array(z.string()).max(100_000)));

/** Names of detectors that only Giskard has (giskard/scanner). */
const DETECTOR =
  /"(llm_(implausible_output|chars_injection|output_formatting|stereotypes_detector|harmful_content|information_disclosure|faithfulness|prompt_injection|basic_sycophancy)|spurious_correlation|performance_bias|text_perturbation|numerical_perturbation|ethical_bias)"\s*:\s*\{/;

export const adapter: Adapter = {
  format: 'giskard-scan',
  title: 'Giskard scan (JSON), of which nothing is counted',
  about: {
    group: 'attack results',
    files: 'Giskard scan (JSON)',
    recognisedBy: "its detectors' names",
    gives: 'nothing: issues by detector are listed',
    limits: 'issues without attempts are no rate',
  },
  recognise: ({ text }) => (/^\s*\{\s*"/.test(text) && DETECTOR.test(text.slice(0, 4096)) ? 0.8 : 0),
  async read(file) {
    const reading = newReading({ name: 'Giskard' });
    for (const [detector, levels] of Object.entries(fitted(report, await file.json(), file, 'a Giskard scan')))
      reading.unmapped.push({
        probe: detector,
        at: `/${detector}`,
        trials: 0,
        successes: Object.values(levels).reduce((sum, issues) => sum + issues.length, 0),
      });
    reading.warnings.push(
      'issues without the number of attempts, which is no rate; give the counts of its tests as trials in a ProbeResult',
    );
    return reading;
  },
};
