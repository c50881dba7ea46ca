import { type Adapter, newReading } from '../../adapter.ts';

// garak/evaluators/base.py writes one line for each hit beside the report: what failed, never out of how many.

const KEYS = ['"goal"', '"triggers"', '"score"', '"attempt_id"', '"probe"', '"detector"'];

export const adapter: Adapter = {
  format: 'garak-hitlog',
  title: 'garak hit log (JSON Lines), of which nothing is counted',
  about: {
    group: 'attack results',
    files: 'garak hit log (`*.hitlog.jsonl`)',
    recognisedBy: '`goal`, `prompt` and `probe` of a hit',
    gives: 'nothing: hits without totals; the `.report.jsonl` beside it is what is read',
    limits: 'hits without attempts are no rate',
  },
  recognise(head): number {
    const line = head.text.trimStart().split('\n', 1)[0] ?? '';
    if (!line.startsWith('{') || /^\{\s*"entry_type"/.test(line)) return 0;
    return KEYS.every((key) => line.includes(key)) ? 1 : /\.hitlog\.jsonl$/.test(head.name) ? 0.8 : 0;
  },
  async read(file) {
    const reading = newReading({ name: 'garak' });
    let hits = 0;
    for await (const batch of file.lineBatches()) hits += batch.lines.filter((line) => line.length > 0).length;
    reading.warnings.push(`${hits} hits without totals; the report.jsonl beside it is what is read`);
    return reading;
  },
};
