import type { ProbeMap, Technique } from '../catalog/schemas.ts';
import { table } from '../table.ts';
import type { Surface } from '../terms.ts';
import type { PlannedSample } from './sample.ts';

/** With which tool a test is made, and how it is called; without one, a file is filled in. */
export interface PlannedTool {
  tool: string;
  /** The command, to be copied; placeholders stand in capitals. */
  command?: string;
  /** The bundled example of the file that says what was found. */
  template?: string;
}

/** Tools that score membership, with the technique that each runs. */
const SCORERS = table<PlannedTool>({
  'relative-membership': {
    tool: 'ml-privacy-meter',
    // https://github.com/privacytrustlab/ml_privacy_meter: run_mia.py takes its configuration with --cf.
    command: 'python run_mia.py --cf CONFIG.yaml   # evidence: LOG_DIR/report/exp/attack_result_*.npz',
  },
});

/** Whether a known tool scores records by this technique. */
export function hasScorer(technique: string): boolean {
  return SCORERS[technique] !== undefined;
}

/** Which bundled example shows the shape of a result, by technique. */
const TEMPLATES = table<string>({
  'canary-membership': 'examples/probe-results/canaries.yaml',
  'retrieval-membership': 'examples/probe-results/retrieval-membership.yaml',
  'attribute-inference': 'examples/probe-results/advantage.yaml',
  reconstruction: 'examples/probe-results/reconstruction.yaml',
  'embedding-inversion': 'examples/probe-results/reconstruction.yaml',
});

const TRIALS = 'examples/probe-results/trials.yaml';

/** The bundled example that shows the shape of a technique's results. */
export function templateOf({ id, attackClass }: Pick<Technique, 'id' | 'attackClass'>): string {
  const scored = attackClass === 'membership-inference' ? 'examples/probe-results/scores.yaml' : TRIALS;
  return TEMPLATES[id] ?? scored;
}

/** The tool for a technique on a surface: one whose probes can show both leakage and its absence. */
export function toolFor(
  technique: Technique,
  surface: Surface,
  sample: PlannedSample,
  maps: readonly ProbeMap[],
): PlannedTool {
  const probes = probesOf(maps, technique, surface, 'both');
  const promptfoo = probes.find(({ tool }) => tool === 'promptfoo');
  if (promptfoo && promptfoo.names.length > 0) {
    const each = Math.ceil((sample.trials ?? 0) / promptfoo.names.length);
    const plugins = promptfoo.names.join(',');
    // https://www.promptfoo.dev/docs/usage/command-line/
    return {
      tool: 'promptfoo',
      command: `promptfoo redteam generate --plugins ${quoted(plugins)} --num-tests ${each} --output redteam.yaml && promptfoo eval --config redteam.yaml --no-cache --output evidence/${technique.id}-${surface}.json`,
    };
  }
  const scorer = SCORERS[technique.id];
  if (scorer) return scorer;
  const template =
    TEMPLATES[technique.id] ?? (sample.members === undefined ? TRIALS : 'examples/probe-results/scores.yaml');
  return { tool: 'your own harness', template };
}

/** A run that can show leakage and not its absence, worth having beside the test. */
export function screeningFor(
  technique: Technique,
  surface: Surface,
  target: string,
  maps: readonly ProbeMap[],
): PlannedTool | undefined {
  const garak = probesOf(maps, technique, surface, 'failure-only').find(({ tool }) => tool === 'garak');
  if (!garak || garak.names.length === 0) return undefined;
  const [type, name] = garakTarget(target);
  // https://reference.garak.ai/en/latest/cliref.html
  return {
    tool: 'garak',
    command: `garak --target_type ${type} --target_name ${name} --probes ${quoted(garak.names.join(','))} --report_prefix ${technique.id}`,
  };
}

function probesOf(
  maps: readonly ProbeMap[],
  technique: Technique,
  surface: Surface,
  shows: 'both' | 'failure-only',
): { tool: string; names: string[] }[] {
  return maps.map(({ tool, probes }) => ({
    tool,
    names: [
      ...new Set(
        probes
          .filter(
            (probe) =>
              probe.technique === technique.id &&
              probe.attackClass === technique.attackClass &&
              probe.surface === surface &&
              probe.shows === shows,
          )
          // A module of probes is called by its name; any other pattern names no probe that could be called.
          .map(({ match }) => match.replace(/\.\*$/, ''))
          .filter((name) => !name.includes('*')),
      ),
    ],
  }));
}

/** Targets as garak records them are TYPE/NAME. */
function garakTarget(target: string): [string, string] {
  const [type = '', ...name] = target.split('/');
  return name.length > 0 && !target.includes('://') && !target.includes('*')
    ? [quoted(type), quoted(name.join('/'))]
    : ['TYPE', 'NAME'];
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
