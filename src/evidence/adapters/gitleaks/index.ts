import { z } from 'zod';
import { ProbityError } from '../../../errors.ts';
import type { Adapter } from '../../adapter.ts';
import type { EvidenceFile } from '../../file.ts';
import { fitted } from '../../fitting.ts';
import { type FoundSecret, placeOf, secretReading } from '../../secretScans.ts';
import { eachRow, eachValue } from '../../streaming.ts';

// https://github.com/gitleaks/gitleaks: report/finding.go (version 8) and its predecessor's `line`, `offender`, `rule` (to
// version 7). `Match`, `Secret`, `line` and `offender` hold the secret, `Message` may; none of them is taken.

const current = z.looseObject({
  RuleID: z.string().min(1).max(200),
  File: z.string().max(1000),
  StartLine: z.number().int().min(0).optional(),
  Commit: z.string().max(64).optional(),
});
const former = z.looseObject({
  rule: z.string().min(1).max(200),
  file: z.string().max(1000),
  lineNumber: z.number().int().optional(),
  commit: z.string().max(64).optional(),
  repo: z.string().max(300).optional(),
});

interface Finding {
  version: string;
  rule: string;
  name: string;
  line?: number | undefined;
  commit?: string | undefined;
  repository?: string | undefined;
}

function findingOf(value: unknown, at: string, file: EvidenceFile): Finding {
  if (typeof value === 'object' && value !== null && 'offender' in value) {
    const {
      rule,
      file: name,
      lineNumber: line,
      commit,
      repo,
    } = fitted(former, value, file, 'a finding of gitleaks 7', at);
    return { version: '7', rule, name, line, commit, ...(repo && repo !== '.' ? { repository: repo } : {}) };
  }
  const {
    RuleID: rule,
    File: name,
    StartLine: line,
    Commit: commit,
  } = fitted(current, value, file, 'a finding of gitleaks', at);
  return { version: '8', rule, name, line, commit };
}

export const adapter: Adapter = {
  format: 'gitleaks',
  title: 'gitleaks report (JSON)',
  about: {
    group: 'secrets',
    files: 'gitleaks (JSON, versions 7 and 8)',
    recognisedBy: '`RuleID`, `offender`',
    gives: 'rule, file, line, commit',
    limits:
      'it names neither what was searched nor when: declare `probe` and `collected`; an empty list, or `null`, is known by its name alone; JUnit is not read',
  },
  recognise(head) {
    if (!/^\s*(?:\[|null\s*$)/.test(head.text)) return 0;
    if (/"RuleID"\s*:/.test(head.text) && /"(StartLine|Fingerprint|Match|Secret)"\s*:/.test(head.text)) return 0.95;
    if (/"offender"\s*:/.test(head.text) && /"rule"\s*:/.test(head.text)) return 0.95;
    // A search that found nothing writes an empty list, or null, which only its name tells from any other.
    return /^\s*(?:\[\s*\]|null)\s*$/.test(head.text) && /gitleaks/.test(head.name) ? 0.6 : 0;
  },
  async read(file, context) {
    const findings: FoundSecret[] = [];
    const scanned = new Set<string>();
    let version: string | undefined;
    await eachValue(file, ['$.*'], (value, at) => {
      const one = findingOf(value, at, file);
      version ??= one.version;
      if (one.repository !== undefined) scanned.add(one.repository);
      const where = placeOf(one.name, one.line, one.commit);
      findings.push({ id: `${where}/${one.rule}`, rule: one.rule, where, at });
    });
    return secretReading(
      { tool: { name: 'gitleaks', ...(version ? { version } : {}) }, what: 'the report', scanned, at: '' },
      findings,
      context,
    );
  },
};

/** The columns of version 8 that are taken; `Secret`, `Match` and `Message` are none of them. */
const COLUMNS = ['RuleID', 'Commit', 'File', 'StartLine', 'Fingerprint'];

export const csvAdapter: Adapter = {
  format: 'gitleaks-csv',
  title: 'gitleaks report (CSV)',
  about: {
    group: 'secrets',
    files: 'gitleaks (CSV, version 8)',
    recognisedBy: '`RuleID`, `Fingerprint`',
    gives: 'rule, file, line, commit',
    limits:
      'as its JSON; a search that found nothing writes an empty file, of which nobody can tell what wrote it: use JSON or SARIF',
  },
  recognise(head) {
    const names = (head.text.split('\n', 1)[0] ?? '')
      .replace(/^\u{feff}/u, '')
      .trim()
      .split(',');
    return COLUMNS.every((column) => names.includes(column)) ? 0.95 : 0;
  },
  async read(file, context) {
    const findings: FoundSecret[] = [];
    await eachRow(file, (row, at) => {
      const line = Number(row['StartLine']);
      const { rule, name, commit } = findingOf(
        { RuleID: row['RuleID'], File: row['File'], Commit: row['Commit'] },
        at,
        file,
      );
      const where = placeOf(name, Number.isSafeInteger(line) && line > 0 ? line : undefined, commit);
      findings.push({ id: `${where}/${rule}`, rule, where, at });
    });
    // What found nothing is an empty file, of which nobody can tell what wrote it; names of columns alone gitleaks never writes.
    if (findings.length === 0)
      throw new ProbityError('EVIDENCE_MALFORMED', 'it lists no finding, only the names of columns', {
        where: file.path,
        remedy: 'Hand in the report as gitleaks wrote it; of a search that found nothing, as JSON or SARIF',
      });
    return secretReading({ tool: { name: 'gitleaks', version: '8' }, what: 'the report', at: '' }, findings, context);
  },
};
