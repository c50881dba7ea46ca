import type { Framework } from './schemas.ts';

/** What an identifier as people cite it stands for, in one framework. */
export interface Resolution {
  cited: string;
  framework: string;
  /** Empty where a framework as a whole was named. */
  items: string[];
  /** Set when the identifier is not the framework's own or does not say which edition is meant, with the sentence that says so. */
  legacy?: string;
  /** What else a reader should know: the edition that was taken, or where the item went since. */
  note?: string;
  /** Whether other resolutions of the same look-up are as good. */
  ambiguous?: true;
}

/** An edition that has an identifier, and the identifier in it. */
interface EditionOf {
  framework: string;
  edition: string;
  items: string[];
}

/** The answer to a look-up. */
export type LookUp =
  | { kind: 'items'; found: Resolution[] }
  /** A framework by its name; several where the name is that of all editions. */
  | { kind: 'framework'; found: Resolution[] }
  /** The identifier names an edition that does not have it, or that there is not. */
  | { kind: 'wrong-edition'; edition: string; editions: EditionOf[] }
  | { kind: 'unknown' };

/** As {@link lookUp}, when only what was found matters: empty when nothing knows it or the edition is wrong. */
export function resolveIdentifier(frameworks: readonly Framework[], cited: string): Resolution[] {
  const answer = lookUp(frameworks, cited);
  return answer.kind === 'items' || answer.kind === 'framework' ? answer.found : [];
}

/**
 * Looks up an identifier or the name of a framework as people write them: case, blanks, hyphens, underscores and leading
 * zeros do not matter, unless they tell two identifiers apart (`PR.DS-1` is CSF 1.1, `PR.DS-01` is CSF 2.0). An edition
 * that is named has to have the identifier; nothing near it is ever taken instead.
 */
export function lookUp(frameworks: readonly Framework[], cited: string): LookUp {
  const whole = tokensOf(cited).join(' ');
  if (whole === '') return { kind: 'unknown' };
  const called = frameworks.filter((framework) => namesOf(framework).includes(whole));
  if (called.length > 0) return { kind: 'framework', found: namedFrameworks(called, cited) };
  const former = frameworks.filter((framework) => formerNamesOf(framework).includes(whole));
  if (former.length > 0) return { kind: 'framework', found: formerFrameworks(former, cited) };

  const { scope, rest, edition: before } = afterName(frameworks, cited);
  const named = scope.length < frameworks.length;
  const { base, edition = before === undefined ? undefined : editionKey(before) } = splitEdition(rest);
  const matches = bestMatches(scope, base, named);
  if (matches.length === 0) return { kind: 'unknown' };
  if (edition !== undefined) return inEdition(frameworks, matches, cited, edition);
  return { kind: 'items', found: withoutEdition(frameworks, matches, cited, named) };
}

/** The sentence for a look-up that names a wrong edition. */
export function editionsText(cited: string, { editions }: Extract<LookUp, { kind: 'wrong-edition' }>): string {
  const list = editions.map(
    ({ framework, edition, items }) => `${items.join(', ')} (${framework}, edition ${edition})`,
  );
  return `"${cited}" names an edition that does not have it; there is ${list.join('; ')}`;
}

interface Match {
  framework: Framework;
  items: string[];
  /** The entry of `legacy` that matched. */
  legacy?: Framework['legacy'][number];
  /** Set where a group matched. */
  group?: true;
}

/** Runs of letters and of digits: blanks, points, hyphens and brackets only part them. */
function tokensOf(text: string): string[] {
  return (text.toUpperCase().match(/\d+|[\p{L}&]+/gu) ?? []).map((token) => WORDS.get(token) ?? token);
}

const WORDS = new Map([
  ['ART', 'ARTICLE'],
  ['ARTICLES', 'ARTICLE'],
]);

const withoutZeros = (token: string): string => token.replace(/^0+(?=\d)/, '');

function namesOf(framework: Framework): string[] {
  const { id, title, short, names, edition } = framework;
  return [id, title, short, ...names]
    .flatMap((name) => (edition === undefined ? [name] : [name, `${name} ${edition}`]))
    .map((name) => tokensOf(name).join(' '));
}

/** Names of editions that are known only by their identifiers. */
function formerNamesOf({ title, names, formerEditions }: Framework): string[] {
  return [title, ...names].flatMap((name) => formerEditions.map((edition) => tokensOf(`${name} ${edition}`).join(' ')));
}

function formerFrameworks(former: readonly Framework[], cited: string): Resolution[] {
  return former.map((framework) => ({
    cited,
    framework: framework.id,
    items: [],
    note: `${cited} is an earlier edition; its identifiers are read as those of ${framework.id} that they became.`,
  }));
}

function namedFrameworks(named: readonly Framework[], cited: string): Resolution[] {
  const list = named.map((one) => `${one.id}${one.supersededBy === undefined ? ' (current)' : ''}`).join(', ');
  return named.map((framework) => ({
    cited,
    framework: framework.id,
    items: [],
    ...(named.length > 1
      ? { note: `${cited} is the name of several editions: ${list}.`, ambiguous: true as const }
      : {}),
  }));
}

/** What follows the name of a framework, and the frameworks of that name; all of them when none is named. */
function afterName(
  frameworks: readonly Framework[],
  cited: string,
): { scope: readonly Framework[]; rest: string; edition?: string } {
  const starts = frameworks.flatMap((framework) =>
    [framework.id, framework.title, framework.short, publisherOf(framework), ...framework.names].flatMap((name) =>
      [undefined, framework.edition, ...framework.formerEditions].flatMap((edition) => {
        const tokens = tokensOf(edition === undefined ? name : `${name} ${edition}`);
        const rest = remainder(cited, tokens);
        return rest === undefined ? [] : [{ framework, rest, edition, length: tokens.length }];
      }),
    ),
  );
  const longest = Math.max(0, ...starts.map(({ length }) => length));
  const best = starts.filter(({ length }) => length === longest);
  const first = best[0];
  if (!first) return { scope: frameworks, rest: cited };
  return {
    scope: [...new Set(best.map(({ framework }) => framework))],
    rest: first.rest,
    ...(first.edition === undefined ? {} : { edition: first.edition }),
  };
}

/** The first word of the publisher, which people put before an identifier (`OWASP LLM02:2025`). */
function publisherOf(framework: Framework): string {
  return tokensOf(framework.publisher)[0] ?? '';
}

/** The text after these tokens; undefined when it does not begin with them or nothing follows. */
function remainder(text: string, tokens: readonly string[]): string | undefined {
  const found = [...text.matchAll(/\d+|[\p{L}&]+/gu)];
  const last = found[tokens.length - 1];
  const next = found[tokens.length];
  if (!last || !next || tokens.length === 0) return undefined;
  // A name ends where a blank, a comma or a colon stands: the ASI of ASI03 is no name.
  if (!/^[\s,:/_-]/.test(text.slice(last.index + last[0].length))) return undefined;
  return tokens.every((token, index) => found[index]?.[0].toUpperCase() === token) ? text.slice(next.index) : undefined;
}

/** An identifier and the edition it names: a year, two years, or a version number, after a colon, a blank or in brackets. */
function splitEdition(text: string): { base: string; edition?: string } {
  const found =
    /^(.+?)[\s:_@(-]+v?((?:19|20)\d\d(?:\s*[-/–]\s*\d{2,4})?)\s*\)?$/iu.exec(text.trim()) ??
    /^(.+?)\s*[:@(]\s*v?((?:\d+\.)+\d+)\s*\)?$/iu.exec(text.trim());
  const before = /^v((?:\d+\.)+\d+)[\s_-]+(.+)$/iu.exec(text.trim());
  if (before) return { base: before[2] ?? '', edition: before[1] ?? '' };
  return found ? { base: found[1] ?? '', edition: editionKey(found[2] ?? '') } : { base: text };
}

/** `2023-2024`, `2023/24` and `2023-24` are one edition. */
function editionKey(text: string): string {
  return text.replace(/\s+/g, '').replace(/^(\d{4})[-/–](?:\d\d)?(\d\d)$/, '$1-$2');
}

/** An item's identifier without its edition. */
function baseOf(framework: Framework, id: string): string {
  const tail = framework.edition === undefined ? '' : `:${framework.edition}`;
  return tail !== '' && id.endsWith(tail) ? id.slice(0, -tail.length) : id;
}

/** What an identifier may name as its edition: the edition, the version, or the year of what has neither in years. */
function editionsOf({ edition, version, published }: Framework): string[] {
  const year = edition === undefined || !/^\d{4}/.test(edition) ? published?.slice(0, 4) : undefined;
  return [edition, version, year].flatMap((one) => (one === undefined ? [] : [editionKey(one)]));
}

function editionOf(framework: Framework): string {
  return framework.edition ?? framework.version;
}

/**
 * The matches in the way of reading that keeps most of what was written: as it stands, then with any separators, then
 * with any leading zeros. In one framework its own items come before legacy identifiers, and those before groups.
 */
function bestMatches(scope: readonly Framework[], base: string, named: boolean): Match[] {
  const exact = (id: string): string => id.trim().toUpperCase();
  const loose = (id: string): string => tokensOf(id).join(' ');
  const looser = (id: string): string => tokensOf(id).map(withoutZeros).join(' ');
  const short = (key: (id: string) => string, framework: Framework) => (id: string) =>
    framework.prefix !== undefined && id.startsWith(framework.prefix) ? key(id.slice(framework.prefix.length)) : '';
  // A prefix may be left out where what is left is no bare number, or the framework is named.
  const shortened = named || /[\p{L}]|\d\D+\d/u.test(base);
  for (const key of [exact, loose, looser]) {
    const wanted = key(base);
    const found = scope.flatMap((framework): Match[] => {
      const keys = shortened && key !== exact ? [key, short(key, framework)] : [key];
      const same = (id: string): boolean => keys.some((one) => one(baseOf(framework, id)) === wanted);
      const items = framework.items.filter(({ id }) => same(id)).map(({ id }) => id);
      if (items.length > 0) return [{ framework, items }];
      const legacy = framework.legacy.find(({ id }) => same(id));
      if (legacy) return [{ framework, items: legacy.now.flatMap((id) => membersOf(framework, id)), legacy }];
      const group = framework.groups.find(({ id }) => same(id));
      const members = framework.items.filter((item) => item.group === group?.id).map(({ id }) => id);
      return group && members.length > 0 ? [{ framework, items: members, group: true }] : [];
    });
    // One that is itself an identifier comes before one that is the heading of several: A03 before A.3.
    const single = found.filter((match) => match.group === undefined);
    if (found.length > 0) return single.length > 0 ? single : found;
  }
  return [];
}

/** The items of a group, or the identifier itself when it names no group. */
function membersOf(framework: Framework, id: string): string[] {
  const members = framework.items.filter((item) => item.group === id).map((item) => item.id);
  return members.length > 0 ? members : [id];
}

function inEdition(
  frameworks: readonly Framework[],
  matches: readonly Match[],
  cited: string,
  edition: string,
): LookUp {
  const right = matches.filter(({ framework, legacy }) =>
    legacy
      ? // Old identifiers are often cited as if they were of the current edition; their note says what they are.
        [editionOf(framework), ...framework.formerEditions].some((one) => editionKey(one) === edition)
      : editionsOf(framework).includes(edition),
  );
  if (right.length > 0) return { kind: 'items', found: right.map((match) => resolution(frameworks, match, cited)) };
  const editions = matches.map(({ framework, items, legacy }) =>
    legacy && framework.formerEditions[0] !== undefined
      ? { framework: framework.id, edition: framework.formerEditions[0], items: [legacy.id] }
      : { framework: framework.id, edition: editionOf(framework), items },
  );
  return { kind: 'wrong-edition', edition, editions };
}

function withoutEdition(
  frameworks: readonly Framework[],
  matches: readonly Match[],
  cited: string,
  named: boolean,
): Resolution[] {
  // Where identifiers do not name their edition the current one is meant, if it has them.
  const current = matches.filter(
    ({ framework, items }) =>
      items.some((id) => baseOf(framework, id) !== id) ||
      !matches.some(
        (other) =>
          other.framework !== framework &&
          other.framework.family !== undefined &&
          other.framework.family === framework.family &&
          other.framework.supersededBy === undefined,
      ) ||
      framework.supersededBy === undefined,
  );
  if (current.length === 1)
    return current.map((match) => {
      const found = resolution(frameworks, match, cited);
      const unnamed = match.items.some((id) => baseOf(match.framework, id) !== id);
      if (unnamed && !match.legacy)
        return { ...found, note: `${cited} names no edition; ${match.items.join(', ')} is the only one here.` };
      return !named && !match.group && unspecific(frameworks, match, cited)
        ? { ...found, note: `${cited} names no framework; here only ${match.framework.id} has it.` }
        : found;
    });
  const list = current.map(({ framework, items }) => {
    const title = items.length === 1 ? framework.items.find(({ id }) => id === items[0])?.title : undefined;
    return `${items.join(', ')}${title === undefined ? '' : ` ${title}`} (${framework.id})`;
  });
  const said = `${cited} can mean ${list.join('; ')}.`;
  return current.map((match) => {
    const found = resolution(frameworks, match, cited);
    return { ...found, legacy: found.legacy === undefined ? said : `${said} ${found.legacy}`, ambiguous: true };
  });
}

function resolution(frameworks: readonly Framework[], match: Match, cited: string): Resolution {
  const { framework, items, legacy } = match;
  const note = legacy ? undefined : wentOn(frameworks, framework, items);
  return {
    cited,
    framework: framework.id,
    items,
    ...(legacy ? { legacy: legacy.note } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

/** Whether other frameworks could have the identifier as well: a bare number, or an article. */
function unspecific(frameworks: readonly Framework[], { framework }: Match, cited: string): boolean {
  const alike = frameworks.filter((one) => one.prefix === framework.prefix && one.family === undefined);
  return !/\p{L}/u.test(cited) || (framework.prefix !== undefined && alike.length > 1);
}

/** What became of an item since its edition, or what it was called in the one before. */
function wentOn(frameworks: readonly Framework[], framework: Framework, items: readonly string[]): string | undefined {
  const [id] = items;
  if (id === undefined || items.length > 1) return undefined;
  const title = (of: Framework | undefined, item: string): string => {
    const found = of?.items.find((one) => one.id === item)?.title;
    return found === undefined ? item : `${item} ${found}`;
  };
  if (framework.supersededBy !== undefined) return `${id} is of edition ${editionOf(framework)}; ${laterText()}.`;
  const before = framework.crosswalk?.items.find((one) => one.now.includes(id) && one.how === 'renamed');
  const earlier = frameworks.find((one) => one.id === framework.crosswalk?.from);
  return before && earlier ? `Formerly ${title(earlier, before.id)} (edition ${editionOf(earlier)}).` : undefined;

  /** Where it went, edition by edition. */
  function laterText(): string {
    const steps: string[] = [];
    let ids: readonly string[] = items;
    for (
      let next = frameworks.find((one) => one.id === framework.supersededBy);
      next !== undefined && steps.length < frameworks.length;
      next = frameworks.find((one) => one.id === next?.supersededBy)
    ) {
      const edition = next;
      const ways = edition.crosswalk?.items.filter((one) => ids.includes(one.id)) ?? [];
      ids = ways.flatMap(({ now }) => now);
      steps.push(
        ids.length === 0
          ? `edition ${editionOf(edition)} does not have it`
          : `in edition ${editionOf(edition)} it is ${ids.map((one) => title(edition, one)).join(' and ')} (${[...new Set(ways.map(({ how }) => how))].join(', ')})`,
      );
      if (ids.length === 0) break;
    }
    return steps.join('; ');
  }
}
