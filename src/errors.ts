import { visible } from './visible.ts';

/** Every way in which Probity can decline to answer. Codes are stable: scripts match on them. */
export type ErrorCode =
  | 'ASSESSMENT_INVALID'
  | 'ATTESTATION_INVALID'
  | 'BROWSER_FAILED'
  | 'BROWSER_MISSING'
  | 'CATALOG_INVALID'
  | 'COMPARISON_IMPOSSIBLE'
  | 'DEPENDENCY_MISSING'
  | 'EVIDENCE_EMPTY'
  | 'EVIDENCE_MALFORMED'
  | 'EVIDENCE_MISSING'
  | 'EVIDENCE_TOO_LARGE'
  | 'EVIDENCE_UNREADABLE'
  | 'EVIDENCE_UNRECOGNISED'
  | 'FLEET_INVALID'
  | 'IDENTITY_EXPIRED'
  | 'IDENTITY_INVALID'
  | 'IDENTITY_NOT_YET_VALID'
  | 'IDENTITY_PASSPHRASE'
  | 'IDENTITY_WEAK'
  | 'JOB_CRASHED'
  | 'JOB_MEMORY'
  | 'JOB_REFUSED'
  | 'JOB_TIMEOUT'
  | 'NETWORK_FAILED'
  | 'OUTPUT_FAILED'
  | 'PACK_UNFINISHED'
  | 'POLICY_INVALID'
  | 'RESPONSES_INVALID'
  | 'QUEUE_FAILED'
  | 'REVOKED'
  | 'SIGNATURE_BROKEN'
  | 'SIGNATURE_UNSUPPORTED'
  | 'SIGSTORE_FAILED'
  | 'STATISTIC_UNDEFINED'
  | 'STORE_FAILED'
  | 'TEMPLATE_INVALID'
  | 'TIMESTAMP_INVALID'
  | 'USAGE'
  | 'WORKSPACE_INVALID'
  | 'WORKSPACE_MISSING';

interface ErrorDetail {
  /** `file:line`, `file#/json/pointer`, or a file. */
  where?: string;
  /** What the reader can do about it, as an imperative sentence. */
  remedy?: string;
  cause?: unknown;
}

/**
 * The one error class of the project. Thrown where the fact is known, printed in one place (`src/cli/main.ts`)
 * as a single line: what is wrong, where, what to do.
 */
export class ProbityError extends Error {
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'ProbityError';
    this.code = code;
    this.where = detail.where;
    this.remedy = detail.remedy;
  }

  /** The error as one line in which everything can be seen, whatever the evidence put into it. */
  get line(): string {
    return visible(faultLine(this));
  }
}

/** A fault as one line: what is wrong, where, what to do. */
export function faultLine({
  code,
  message,
  where,
  remedy,
}: Pick<ProbityError, 'message'> & {
  code: string;
  where?: string | undefined;
  remedy?: string | undefined;
}): string {
  const said = `${code}: ${message}${where ? ` at ${where}` : ''}`;
  return remedy ? `${said}${/[.?!]$/.test(said) ? '' : '.'} ${remedy}` : said;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The operating system's code of a failed call (`ENOENT`), if it is one. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** Why a file or folder that was named cannot be read; what is not there needs no code. @param what the subject */
export function whyUnread(error: unknown, what?: string): string {
  const code = systemCode(error) ?? 'unknown';
  if (code === 'ENOENT') return 'there is no such file or folder';
  if (code === 'ENOTREG') return `${what ?? 'it'} is a pipe, socket or device, not a regular file`;
  if (code === 'EFBIG') return 'it is larger than is read';
  return `${what === undefined ? '' : `${what} `}cannot be read (${code})`;
}
