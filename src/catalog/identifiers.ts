import type { Framework } from './schemas.ts';

/** What an identifier as people cite it stands for. */
export interface Resolution {
  cited: string;
  framework: string;
  items: string[];
  /** Set when the identifier is not the framework's own, with the sentence that says so. */
  legacy?: string;
}

/** Resolves a current, legacy or loosely written framework identifier; empty when nothing knows it. */
export function resolveIdentifier(frameworks: readonly Framework[], cited: string): Resolution[] {
  const literal = cited.trim().toUpperCase();
  const key = normalise(cited);
  return frameworks.flatMap((framework): Resolution[] => {
    const item = (same: (id: string) => boolean): Resolution[] => {
      const items = framework.items.filter((entry) => same(entry.id)).map((entry) => entry.id);
      return items.length > 0 ? [{ cited, framework: framework.id, items }] : [];
    };
    const legacy = (same: (id: string) => boolean): Resolution[] => {
      const entry = framework.legacy.find((candidate) => same(candidate.id));
      return entry
        ? [
            {
              cited,
              framework: framework.id,
              items: entry.now.flatMap((id) => membersOf(framework, id)),
              legacy: entry.note,
            },
          ]
        : [];
    };
    // As written before loosely read: `PR.DS-1` is CSF 1.1 and `PR.DS-01` is CSF 2.0, though they look alike.
    const readings = [
      () => item((id) => id.toUpperCase() === literal),
      () => legacy((id) => id.toUpperCase() === literal),
      () => item((id) => normalise(id) === key),
      () => legacy((id) => normalise(id) === key),
    ];
    for (const reading of readings) {
      const found = reading();
      if (found.length > 0) return found;
    }
    const members = membersOf(framework, literal);
    return members[0] === literal ? [] : [{ cited, framework: framework.id, items: members }];
  });
}

/** The items of a group, or the identifier itself when it names no group. */
function membersOf(framework: Framework, id: string): string[] {
  const members = framework.items
    .filter((item) => item.group?.toUpperCase() === id.toUpperCase())
    .map((item) => item.id);
  return members.length > 0 ? members : [id];
}

/** Case, blanks, a year after a colon and leading zeros do not distinguish identifiers (`PR.AC-04`, `PR.AC-4`). */
function normalise(id: string): string {
  return id
    .toUpperCase()
    .replace(/\s+/g, ' ')
    .replace(/:\d{4}$/, '')
    .replace(/(^|[^0-9.])0+(\d)/g, '$1$2')
    .trim();
}
