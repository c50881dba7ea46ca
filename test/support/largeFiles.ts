/* Files as large tools write them, small: garak reports and tables of scores, by lot. */

const PROBES = [
  'leakreplay.LiteratureCloze',
  'leakreplay.GuardianCloze',
  'promptinject.HijackHateHumans',
  'nobody.Knows',
];

function pick<T>(random: () => number, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

/**
 * A report as garak may write it: several runs, attempts sent and judged, summaries that agree or do not, or are missing.
 * @param mixed whether each run may be judged by a threshold of its own
 */
export function garakReport(random: () => number, mixed = false): string {
  const lines: string[] = [];
  const say = (record: object): number => lines.push(JSON.stringify(record));
  let threshold = pick(random, [0.5, 0.7]);
  for (let run = 0; run < 1 + Math.floor(random() * 3); run++) {
    if (mixed) threshold = pick(random, [0.5, 0.7]);
    if (run === 0 || random() < 0.7)
      say({
        entry_type: 'start_run setup',
        'run.eval_threshold': threshold,
        'plugins.target_type': 'rest',
        'plugins.target_name': `t${run}`,
      });
    say({ entry_type: 'init', garak_version: '0.14.0', start_time: `2026-09-0${run + 1}T10:00:00` });
    for (const probe of PROBES.slice(0, 1 + Math.floor(random() * PROBES.length))) {
      if (random() < 0.5)
        say({
          entry_type: 'plugin_cache',
          plugin_cache: { probes: { [`probes.${probe}`]: { primary_detector: 'a.D' } } },
        });
      const detectors = random() < 0.5 ? ['a.D'] : ['a.D', 'b.E'];
      const counts = new Map(detectors.map((name) => [name, { passed: 0, fails: 0, nones: 0 }]));
      for (let i = 0; i < Math.floor(random() * 12); i++) {
        const results = Object.fromEntries(
          detectors.map((name) => [
            name,
            Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random, [0, 1, null, 0.6])),
          ]),
        );
        const said = 'x'.repeat(Math.floor(random() * 150));
        if (random() < 0.5) say({ entry_type: 'attempt', status: 1, probe_classname: probe, outputs: [] });
        say({ entry_type: 'attempt', status: 2, probe_classname: probe, outputs: [said], detector_results: results });
        for (const [name, list] of Object.entries(results))
          for (const score of list) {
            const count = counts.get(name) as { passed: number; fails: number; nones: number };
            if (score === null) count.nones++;
            else if (score >= threshold) count.fails++;
            else count.passed++;
          }
      }
      if (random() < 0.85)
        for (const [detector, count] of counts)
          say({
            entry_type: 'eval',
            probe,
            detector,
            ...count,
            total_evaluated: count.passed + count.fails,
            total_processed: 0,
            passed: count.passed + (random() < 0.1 ? 0 : 0),
          });
    }
    if (random() < 0.5) say({ entry_type: 'completion' });
    if (random() < 0.3) say({ entry_type: 'digest', meta: {} });
  }
  return lines.join(pick(random, ['\n', '\r\n'])) + pick(random, ['', '\n']);
}

/** A table of scores with whatever columns there can be. */
export function scoreTable(random: () => number): string {
  const columns = ['baseline_score', 'record_id', 'split', 'group', 'cluster', 'note'].filter(() => random() < 0.4);
  const rows = 20 + Math.floor(random() * 60);
  const records = Array.from({ length: rows }, (_, i) => {
    const member = i % 2;
    const cells: Record<string, unknown> = {
      score: pick(random, [random(), Math.floor(random() * 4), `${(random() * 9).toFixed(3)}e-2`]),
      is_member: pick(random, member ? [1, 'true', 'True', '1.0'] : [0, 'false', '0']),
      baseline_score: random().toFixed(4),
      record_id: `r${member}-${Math.floor(random() * rows)}`,
      split: i < 4 || random() < 0.3 ? 'calibration' : 'evaluation',
      group: pick(random, ['north', 'south, east', 'straße']),
      cluster: `c${member}-${Math.floor(random() * 9)}`,
      note: 'a "quoted" text, with a comma',
    };
    return ['score', 'is_member', ...columns].map((name): [string, unknown] => [name, cells[name]]);
  });
  const end = pick(random, ['\n', '\r\n']);
  const cell = (value: unknown): string =>
    /[",]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  if (random() < 0.3) return records.map((record) => JSON.stringify(Object.fromEntries(record))).join(end) + end;
  const header = ['score', 'is_member', ...columns].join(',');
  const mark = random() < 0.2 ? '\ufeff' : '';
  return (
    mark +
    [header, ...records.map((record) => record.map(([, value]) => cell(value)).join(','))].join(end) +
    pick(random, ['', end])
  );
}
