import { z } from 'zod';
import { table } from '../../../table.ts';
import type { Adapter } from '../../adapter.ts';
import { fitted, moment } from '../../fitting.ts';
import { eachRow, eachValue } from '../../streaming.ts';
import { severityOf } from '../../threats.ts';
import { FindingCounts, type Outcome } from '../../toolFindings.ts';

// https://github.com/prowler-cloud/prowler: lib/outputs/csv and lib/outputs/ocsf. One finding for each check and resource.

const OUTCOMES = table<Outcome>({ FAIL: 'failed', PASS: 'passed', MANUAL: 'manual', MUTED: 'muted', INFO: 'manual' });

const COLUMNS = ['CHECK_ID', 'STATUS', 'STATUS_EXTENDED'];

export const csvAdapter: Adapter = {
  format: 'prowler-csv',
  title: 'Prowler findings (CSV)',
  about: {
    group: 'findings of other tools',
    files: 'Prowler (CSV)',
    recognisedBy: '`CHECK_ID`, `STATUS_EXTENDED`',
    gives: 'failed, passed, to be judged, set aside, by check',
    limits: 'a check of a cloud is not what a control asks, so it decides none',
  },
  recognise(head) {
    const header = head.text.split('\n', 1)[0] ?? '';
    const names = header.split(/[;,]/).map((name) => name.trim().replaceAll('"', ''));
    return COLUMNS.every((column) => names.includes(column)) ? 0.95 : 0;
  },
  async read(file, context) {
    const head = await file.head();
    const counts = new FindingCounts();
    let version: string | undefined;
    await eachRow(file, (head.text.split('\n', 1)[0] ?? '').includes(';') ? ';' : ',', (row, at) => {
      const id = row['CHECK_ID'] ?? '';
      if (id === '') return;
      const muted = /^true$/i.test(row['MUTED'] ?? '');
      counts.add(
        { id: id.slice(0, 200), title: row['CHECK_TITLE'], severity: severityOf(row['SEVERITY']) },
        muted ? 'muted' : (OUTCOMES[(row['STATUS'] ?? '').toUpperCase()] ?? 'manual'),
        at,
      );
      counts.time(moment(row['TIMESTAMP'] ?? row['ASSESSMENT_START_TIME']));
      if (/^\d/.test(row['PROWLER_VERSION'] ?? '')) version = row['PROWLER_VERSION'];
    });
    return counts.reading({ name: 'Prowler', ...(version ? { version } : {}) }, 'the output', context);
  },
};

const finding = z.looseObject({
  metadata: z.looseObject({
    event_code: z.string().max(200).nullish(),
    product: z.looseObject({ name: z.string().max(100), version: z.string().max(60).nullish() }),
  }),
  severity: z.string().nullish(),
  status: z.string().nullish(),
  status_code: z.string().nullish(),
  finding_info: z.looseObject({ title: z.string().nullish(), uid: z.string().nullish() }),
  time_dt: z.string().nullish(),
  time: z.number().nullish(),
});

export const ocsfAdapter: Adapter = {
  format: 'ocsf-findings',
  title: 'Findings in OCSF (Prowler and others, JSON)',
  about: {
    group: 'findings of other tools',
    files: 'OCSF findings (JSON, of Prowler and any tool)',
    recognisedBy: '`finding_info`',
    gives: 'failed, passed, to be judged, set aside, by check',
    limits: 'a check of a cloud is not what a control asks, so it decides none',
  },
  recognise: (head) =>
    /^\s*\[/.test(head.text) &&
    /"finding_info"\s*:/.test(head.text) &&
    /"(?:class_uid|status_code|event_code)"\s*:/.test(head.text)
      ? 0.9
      : 0,
  async read(file, context) {
    const counts = new FindingCounts();
    let tool: { name: string; version?: string } | undefined;
    await eachValue(file, ['$.*'], (value, at) => {
      const found = fitted(finding, value, file, 'a finding in OCSF', at);
      const { name, version } = found.metadata.product;
      tool ??= { name, ...(version && /^\d/.test(version) ? { version } : {}) };
      const code = (found.status_code ?? '').toUpperCase();
      counts.add(
        {
          id: found.metadata.event_code ?? found.finding_info.uid ?? found.finding_info.title ?? '(unnamed)',
          title: found.finding_info.title ?? undefined,
          severity: severityOf(found.severity),
        },
        /^suppressed$/i.test(found.status ?? '') ? 'muted' : (OUTCOMES[code] ?? 'manual'),
        at,
      );
      const seconds = found.time ?? undefined;
      counts.time(
        moment(found.time_dt) ?? moment(seconds === undefined ? undefined : seconds < 1e11 ? seconds * 1000 : seconds),
      );
    });
    return counts.reading(tool ?? { name: 'OCSF' }, 'the output', context);
  },
};
