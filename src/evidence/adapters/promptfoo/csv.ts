import { z } from 'zod';
import { check } from '../../../schema.ts';
import { csvRows } from '../../csv.ts';
import type { EvidenceFile } from '../../file.ts';

// promptfoo's src/util/exportToFile (buildCsvHeaders, tableRowToCsvValues): variables, then for each prompt its answer,
// Status, Score, Named Scores, any `Metric: ..`, Grader Reason and Comment; a red-team export ends with pluginId and more.

const FAIL = 'FAIL';
const ERROR = 'ERROR';
const namedScores = z.record(z.string().max(200), z.number());

/** Where one prompt's columns stand. */
interface PromptColumns {
  provider: string | undefined;
  status: number;
  named: number;
}

/** The columns of a red-team export; undefined when the header is not one. */
interface Layout {
  variables: { name: string; index: number }[];
  prompts: PromptColumns[];
  plugin: number;
  strategy: number;
}

export function layoutOf(header: readonly string[]): Layout | undefined {
  const plugin = header.indexOf('pluginId');
  const strategy = header.indexOf('strategyId');
  const prompts = header.flatMap((name, index): PromptColumns[] =>
    name === 'Status' && header[index + 1] === 'Score' && header[index + 2] === 'Named Scores'
      ? [{ provider: /^\[(.+?)\] /s.exec(header[index - 1] ?? '')?.[1], status: index, named: index + 2 }]
      : [],
  );
  const [first] = prompts;
  if (plugin === -1 || strategy === -1 || first === undefined) return undefined;
  const variables = header.slice(0, Math.max(0, first.status - 1)).map((name, index) => ({ name, index }));
  return { variables: variables.filter(({ name }) => name !== 'Description'), prompts, plugin, strategy };
}

/**
 * The rows of a red-team export in the form of a result of the JSON export, each with its line. A table keeps no verdict
 * of single assertions, so it does not say whether promptfoo's own judge failed an answer or something else did. Its status
 * is the verdict, which a metric may confirm and not turn round; where it is denied, or several metrics stand in a failed
 * row, there is none.
 */
export async function* csvResults(file: EvidenceFile): AsyncGenerator<{ line: number; result: object }> {
  let layout: Layout | undefined;
  for await (const { line, cells } of csvRows(file)) {
    if (!layout) {
      layout = layoutOf(cells);
      if (!layout) return;
      continue;
    }
    const pluginId = cells[layout.plugin];
    const vars = Object.fromEntries(layout.variables.map(({ name, index }) => [name, cells[index]]));
    const metadata = { ...(pluginId ? { pluginId } : {}), strategyId: cells[layout.strategy] };
    for (const { provider, status, named } of layout.prompts) {
      const verdict = cells[status];
      if (!verdict) continue;
      const metrics = metricsIn(cells[named] ?? '');
      const failed = verdict === FAIL;
      yield {
        line,
        result: {
          success: verdict !== ERROR && !failed,
          failureReason: verdict === ERROR ? 2 : Number(failed),
          gradingResult: { componentResults: metrics.map(({ name }) => ({ assertion: { type: `metric ${name}` } })) },
          metadata,
          vars,
          provider,
          response: { output: cells[status - 1] },
          ambiguous: verdict !== ERROR && isAmbiguous(failed, metrics),
        },
      };
    }
  }
}

/** Whether the metrics of a row do not say the same as its status; scores are from 0 to 1, where all of it held. */
function isAmbiguous(failed: boolean, metrics: readonly { score: number }[]): boolean {
  const [first, ...more] = metrics;
  if (first === undefined) return false;
  if (failed) return more.length > 0 || first.score >= 1;
  // One of several may be of the form of the answer, and hold in part.
  return more.length > 0 ? metrics.some(({ score }) => score <= 0) : first.score < 1;
}

function metricsIn(text: string): { name: string; score: number }[] {
  if (text === '') return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const scores = check(namedScores, value);
  return scores.success ? Object.entries(scores.data).map(([name, score]) => ({ name, score })) : [];
}
