import type { Tool } from '../terms.ts';
import { type AdapterContext, newReading, type Reading } from './adapter.ts';
import { datedBy } from './fitting.ts';
import type { Located } from './observation.ts';
import type { ToolFindingBody } from './observations/operations.ts';

export type Outcome = 'failed' | 'passed' | 'manual' | 'muted';

/** So many rules are told apart; no tool has as many. */
const MOST_RULES = 100_000;

/** Findings of one tool, counted by its own rules as they come in. */
export class FindingCounts {
  #rules = new Map<string, Located<ToolFindingBody>>();
  #oldest: string | undefined;
  #uncounted = 0;
  readonly totals: Record<Outcome, number> = { failed: 0, passed: 0, manual: 0, muted: 0 };

  add(
    rule: { id: string; title?: string | undefined; severity?: ToolFindingBody['severity'] | undefined },
    outcome: Outcome,
    at: string,
  ): void {
    this.totals[outcome]++;
    const known = this.#rules.get(rule.id);
    if (known) known[outcome]++;
    else if (this.#rules.size >= MOST_RULES) this.#uncounted++;
    else
      this.#rules.set(rule.id, {
        kind: 'tool-finding',
        id: rule.id,
        title: rule.title ?? rule.id,
        severity: rule.severity ?? 'unknown',
        failed: 0,
        passed: 0,
        manual: 0,
        muted: 0,
        [outcome]: 1,
        at,
      });
  }

  /** A finding's own time; the oldest dates the whole. */
  time(moment: string | undefined): void {
    if (moment !== undefined && (this.#oldest === undefined || moment < this.#oldest)) this.#oldest = moment;
  }

  reading(tool: Tool, what: string, context: AdapterContext): Reading {
    const reading = newReading(tool);
    const dated = datedBy(reading, context, this.#oldest, what);
    for (const one of this.#rules.values()) reading.observations.push({ ...one, ...dated, tool });
    const { failed, passed, manual, muted } = this.totals;
    reading.warnings.push(
      `${failed} failed, ${passed} passed, ${manual} to be judged by people, ${muted} set aside; findings of other tools are evidence at second hand and decide no control`,
    );
    if (this.#uncounted > 0) reading.warnings.push(`findings of ${this.#uncounted} further rules are not counted`);
    return reading;
  }
}
