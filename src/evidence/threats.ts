import { table } from '../table.ts';
import type { Tool } from '../terms.ts';
import { type AdapterContext, newReading, type Reading } from './adapter.ts';
import { datedBy } from './fitting.ts';
import type { ThreatBody } from './observations/governance.ts';

/** A threat as a tool's own file has it, before its words are searched. */
export interface FoundThreat {
  id?: string | number | undefined;
  title: string;
  category?: string | undefined;
  element?: string | undefined;
  status: ThreatBody['status'];
  severity: ThreatBody['severity'];
  mitigation?: string | undefined;
  owner?: string | undefined;
  due?: string | undefined;
  /** What besides title and category may name a class: description, tags, identifiers. */
  words?: readonly (string | undefined | null)[];
  /** The model itself declares the element out of its scope: what is said of it covers nothing. */
  outOfScope?: boolean | undefined;
  at: string;
}

interface FoundModel {
  tool: Tool;
  title: string;
  /** The day of the model, where the file says it. */
  date?: string | undefined;
  /** Where in the file the model itself stands. */
  at: string;
  threats: readonly FoundThreat[];
}

/** Levels as threat modelling tools spell them, by their letters alone. */
const SEVERITIES = table<ThreatBody['severity']>({
  verylow: 'low',
  low: 'low',
  medium: 'medium',
  moderate: 'medium',
  // Threagile's level between medium and high.
  elevated: 'high',
  high: 'high',
  veryhigh: 'critical',
  critical: 'critical',
});

/** A level by its word; one that is not known is unknown, and counts as grave. */
export function severityOf(word: string | null | undefined): ThreatBody['severity'] {
  return SEVERITIES[letters(word)] ?? 'unknown';
}

/** A word of a tool, without case, blanks and signs. */
export function letters(word: string | null | undefined): string {
  return (word ?? '').toLowerCase().replace(/[^a-z]/g, '');
}

/** Text of HTML that tools put into titles, without its tags. */
export function withoutTags(text: string): string {
  return text.replace(/<\/?[A-Za-z][^<>]{0,200}>/g, '');
}

/** The observations of one threat model: itself, then its threats in their order. */
export function threatReading({ tool, title, date, at, threats }: FoundModel, context: AdapterContext): Reading {
  const reading = newReading(tool);
  const dated = datedBy(reading, context, date, 'the model');
  reading.observations.push({ kind: 'threat-model', title, threats: threats.length, ...dated, tool, at });
  let aside = 0;
  for (const found of threats) {
    const { words = [], outOfScope = false } = found;
    if (outOfScope) aside++;
    const mitigation = found.mitigation?.trim();
    // No term reaches from one field into another: each ends a sentence.
    const named = [found.title, found.category, ...words].filter(Boolean).join('.\n');
    reading.observations.push({
      kind: 'threat',
      id: String(found.id ?? found.at),
      title: found.title,
      ...(found.category ? { category: found.category } : {}),
      ...(found.element ? { element: found.element } : {}),
      status: outOfScope ? 'not-applicable' : found.status,
      severity: found.severity,
      ...(mitigation ? { mitigation } : {}),
      ...(found.owner ? { owner: found.owner } : {}),
      ...(found.due ? { due: found.due } : {}),
      names: outOfScope ? [] : context.terms.attackClasses(named),
      surfaces: outOfScope
        ? []
        : context.terms.surfaces([named, found.element, mitigation].filter(Boolean).join('.\n')),
      ...dated,
      tool,
      at: found.at,
    });
  }
  if (threats.length === 0) reading.warnings.push('the model draws a system and lists no threat');
  if (aside > 0)
    reading.warnings.push(
      `${aside} ${aside === 1 ? 'threat stands' : 'threats stand'} at elements that the model declares out of scope, and cover nothing`,
    );
  return reading;
}
