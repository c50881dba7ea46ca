import type { Workspace } from '../workspace/workspace.ts';

/** What a stated target is to the workspace. */
export interface TargetMatch {
  /** As the tool recorded it or the evidence's keeper declares it; undefined when nothing says. */
  stated?: string;
  /** Whether the workspace declares it. */
  matched: boolean;
  /** The model that it stands for, where one of several does. */
  model?: string;
  /** The entry of the workspace that sets it aside. */
  ignoredBy?: string;
}

/**
 * Targets that tools bring along for trying themselves out. A pattern matches one only where it names it: an asterisk
 * alone does not.
 * garak: `garak/generators/test.py`; promptfoo: provider `echo`; Inspect: `mockllm/model`; memaudit: the model of its demo.
 */
const STAND_INS = [/^test([./]|$)/i, /^echo([:/]|$)/i, /^mockllm([/:]|$)/i, /^memaudit-demo/i];

/** Compiles what a workspace says of targets. */
export function targetMatcher(
  workspace: Pick<Workspace, 'models' | 'targets' | 'ignoredTargets'>,
): (stated: string | undefined) => TargetMatch {
  const declared = [
    // A model's own id is what declarations call it.
    ...workspace.models.flatMap(({ id, targets }) => [id, ...targets].map((pattern) => ({ pattern, model: id }))),
    ...workspace.targets.map((pattern) => ({ pattern, model: undefined })),
  ];
  const known = new Map<string, TargetMatch>();
  const match = (stated: string): TargetMatch => {
    const ignored = workspace.ignoredTargets.find(({ target }) => matches(target, stated));
    const found = declared.find(({ pattern }) => matches(pattern, stated));
    return {
      stated,
      matched: found !== undefined,
      ...(found?.model === undefined ? {} : { model: found.model }),
      // What the system is declared to be cannot be set aside.
      ...(ignored && !found ? { ignoredBy: ignored.target } : {}),
    };
  };
  return (stated) => {
    if (stated === undefined) return { matched: false };
    const before = known.get(stated);
    if (before) return before;
    const found = match(stated);
    known.set(stated, found);
    return found;
  };
}

/** Whether a pattern, in which `*` stands for any run of characters, is the whole of a target. Letters' case counts. */
export function matches(pattern: string, target: string): boolean {
  const standIn = STAND_INS.some((one) => one.test(target));
  if (standIn && literalStart(pattern).length < Math.min(literalStart(target).length, STAND_IN_PREFIX)) return false;
  const parts = pattern.split('*');
  const [first = '', ...rest] = parts;
  if (rest.length === 0) return pattern === target;
  if (!target.startsWith(first)) return false;
  let at = first.length;
  const last = rest.pop() ?? '';
  for (const part of rest) {
    const found = target.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return target.length - last.length >= at && target.endsWith(last);
}

/** So many characters before the first asterisk name a stand-in. */
const STAND_IN_PREFIX = 4;

function literalStart(pattern: string): string {
  const star = pattern.indexOf('*');
  return star === -1 ? pattern : pattern.slice(0, star);
}
