import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { readYaml } from '../../src/files/yaml.ts';
import { ROOT } from './workspace.ts';

const folder = path.join(ROOT, 'test/controls');
const cases = z.looseObject({ satisfied: z.array(z.unknown()), 'says-nothing': z.array(z.unknown()).default([]) });
const one = z.looseObject({
  'membership-inference': cases.optional(),
  inversion: cases.optional(),
  both: cases.optional(),
});

/** The controls, with a class where the cases are of one, that the YAML files of test/controls hold cases of a sort for. */
export function controlsWithCases(sort: 'satisfied' | 'says-nothing'): { control: string; attackClass?: string }[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .flatMap((name) =>
      Object.entries(
        readYaml(z.record(z.string(), one), readFileSync(path.join(folder, name), 'utf8'), name, 'EVIDENCE_MALFORMED'),
      ),
    )
    .flatMap(([control, { both, ...apart }]) => [
      ...(both && both[sort].length > 0 ? [{ control }] : []),
      ...(['membership-inference', 'inversion'] as const).flatMap((attackClass) =>
        (apart[attackClass]?.[sort].length ?? 0) > 0 ? [{ control, attackClass }] : [],
      ),
    ]);
}
