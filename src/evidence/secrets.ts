import { createHash } from 'node:crypto';

/*
 * What a leaked text may give away, recognised by shape. Rules are ours: a library that does this takes 300 microseconds a
 * text and answers later; evidence has millions of texts, and personal data is none of its concern.
 */

interface Rule {
  /** What the mask says was there. */
  label: string;
  pattern: RegExp;
  /** What every match contains; without it the pattern is not tried. */
  hint: RegExp;
  /** What to put in place of a match instead of the label; undefined for the label. */
  keep?: (match: string, groups: readonly (string | undefined)[]) => string | undefined;
  /** Also looked for in names of files, where runs of digits are dates and counters. */
  inNames?: boolean;
}

const NAME = '[A-Za-z0-9_.-]{0,40}';
/** Words whose value is a secret, with what may stand before and behind them in a name. */
const SECRET_NAMES = `${NAME}(?:passw(?:or)?d|passphrase|passwort|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|account[_-]?key|shared[_-]?key|signing[_-]?key|encryption[_-]?key|master[_-]?key|credential|authorization|auth[_-]?key)`;
/** What such words are called when they are counted, limited or described, and hold nothing. */
const HARMLESS_NAME =
  /(?:tokens|(?:count|limit|length|size|type|name|id|url|uri|path|file|rotation|policy|manager|scan(?:ner)?|age|expiry|expires|ttl|rate|usage|budget|scanning|detected|removed|required|hash|field|label))$/i;
const HARMLESS_VALUE =
  /^(?:true|false|null|none|undefined|yes|no|required|optional|redacted|removed|missing|unknown|invalid|expired|string|empty|hidden|masked|enabled|disabled|[*x.]+|<.*|\$\{.*|\{\{.*|\[.*|%.*%|(?:process\.env|os\.environ|getenv|secrets\.|vars\.).*|\d{1,7})[\]})]*$/i;
const MONTHS = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const DATE = `(?:\\d{4}[-/.]\\d{1,2}[-/.]\\d{1,2}|\\d{1,2}[-/. ]\\d{1,2}[-/. ]\\d{2,4}|\\d{1,2}\\.? ${MONTHS},? \\d{4}|${MONTHS} \\d{1,2},? \\d{4})`;

// Order matters: the specific before the general.
const RULES: readonly Rule[] = [
  {
    label: 'private key',
    hint: /-----BEGIN/,
    pattern: /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    inNames: true,
  },
  {
    label: 'JSON web token',
    hint: /eyJ/,
    pattern: /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
    inNames: true,
  },
  // Where an access key stands, its secret is not far: forty characters of base 64 that are no digest.
  {
    label: 'AWS secret key',
    hint: /A(?:KIA|SIA)|aws/i,
    pattern:
      /(?<![A-Za-z0-9/+=])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/g,
  },
  {
    label: 'AWS access key',
    hint: /A(?:KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA)/,
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
    inNames: true,
  },
  {
    label: 'Slack web hook',
    hint: /hooks\.slack/,
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{20,}/g,
  },
  {
    label: 'token',
    hint: /gh[pousr]_|github_pat_|gl[a-z]{2,5}-|hf_|api_org_|AIza|ya29\.|GOCSPX-|SG\.|xox|xapp-|npm_|pypi-|dop_v1_|shp|dapi|hvs\.|key-|SK[0-9a-f]|lin_api_|gsk_|r8_|[spr]k[-_]/,
    pattern:
      /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,}|gl(?:pat|dt|rt|ptt|cbt|soat|ft|agent|imt)-[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Za-z0-9-]{20,}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{40,}|dop_v1_[0-9a-f]{40,}|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|dapi[0-9a-f]{32}|hvs\.[A-Za-z0-9_-]{20,}|key-[0-9a-f]{32}|SK[0-9a-f]{32}|lin_api_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{30,}|[spr]k[-_](?:[a-z]+[-_])*[A-Za-z0-9_-]{16,})/g,
    inNames: true,
  },
  {
    label: 'bot token',
    hint: /\d{8,10}:|[MNO][A-Za-z\d_-]{23}/,
    pattern:
      /(?<![A-Za-z0-9])(?:\d{8,10}:[A-Za-z0-9_-]{35}|[MNO][A-Za-z\d_-]{23,27}\.[A-Za-z\d_-]{6}\.[A-Za-z\d_-]{27,})(?![A-Za-z0-9])/g,
    inNames: true,
  },
  {
    label: 'Azure secret',
    hint: /AccountKey|SharedAccess|Q~|sig=/i,
    pattern:
      /(?:(?<=(?:AccountKey|SharedAccessKey)=)[A-Za-z0-9+/]{40,}={0,2}|(?<=[?&]sig=)[A-Za-z0-9%+/=]{20,}|(?<![A-Za-z0-9])[A-Za-z0-9_~.-]{3}\dQ~[A-Za-z0-9_~.-]{31,34})/gi,
  },
  {
    label: 'bearer token',
    hint: /bearer|basic/i,
    pattern: /\b(bearer|basic)(\s+)([A-Za-z0-9._~+/-]{12,}=*)/gi,
    keep: (match, [kind, gap, value = '']) =>
      /[\d._~+/=-]|[a-z][A-Z]/.test(value) ? `${kind}${gap}[bearer token removed]` : match,
  },
  {
    label: 'credentials in an address',
    hint: /:\/\//,
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@]{1,200}:[^\s/@]{1,200}@/gi,
  },
  {
    label: 'password',
    hint: /[:=]/,
    pattern: new RegExp(
      `(?<![A-Za-z0-9_.-])(${SECRET_NAMES}${NAME})(\\\\?["']?\\s{0,3}(?:=>|:=|[:=])\\s{0,3}\\\\?["']?(?:(?:bearer|basic)\\s+)?)([^\\s"',;<\\\\]{6,}|\\S{6,})`,
      'gi',
    ),
    keep: (match, [name = '', between = '', value = '']) =>
      HARMLESS_NAME.test(name) || HARMLESS_VALUE.test(value) ? match : `${name}${between}[password removed]`,
    inNames: true,
  },
  {
    label: 'password',
    hint: /pass|passwort|kennwort/i,
    pattern:
      /\b(password|passphrase|passcode|passwort|kennwort)(\s+(?:is|was|ist|lautet)\s*:?\s*["'\u201c`]?)([^\s"'\u201d`]{4,})/gi,
    keep: (match, [name = '', between = '', value = '']) =>
      /[\d!@#$%^&*_=+~]|[a-z][A-Z]/.test(value) ? `${name}${between}[password removed]` : match,
  },
  {
    label: 'e-mail address',
    hint: /@/,
    pattern: /[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/g,
    keep: keepDomain,
    inNames: true,
  },
  {
    label: 'bank account',
    hint: /[A-Z]{2}\d{2}[ A-Z0-9]{10}/,
    pattern: /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,4})?\b/g,
    keep: keepUnlessIban,
    inNames: true,
  },
  {
    label: 'date of birth',
    hint: /born|birth|dob|d\.o\.b|geb/i,
    pattern: new RegExp(
      `((?:\\b(?:date[ _-]?of[ _-]?birth|birth[ _-]?(?:date|day)|dob|d\\.o\\.b\\.?|born|geboren|geb\\.|geburtsdatum)|_dob)["']?(?:\\s{0,3}[:=]\\s{0,3}|\\s+(?:is|was|on|the|am|:)?\\s{0,3}|\\s{0,3})["']?(?:on\\s+|am\\s+)?)(${DATE})`,
      'gi',
    ),
    keep: (_match, [before]) => `${before}[date of birth removed]`,
  },
  {
    label: 'telephone number',
    hint: /\d{2}/,
    // International; in parts as in North America and Britain; or any run of digits that is called one.
    pattern:
      /(?<![\w.+-])(?:\+\d{1,3}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}|\(\d{3}\) ?\d{3}[-. ]\d{4}|(?:1[-. ])?[2-9]\d{2}([-. ])[2-9]\d{2}\1\d{4}|0\d{2,4} \d{3,4} \d{3,4})(?![\w-]|\.\d)|(?<=\b(?:phone|tel|telephone|mobile|cell|fax|handy|telefon|mobil)(?:[ _-]?(?:no|nr|number|nummer))?\.?["']?\s{0,3}[:=]?\s{0,3}["']?)[+(]?\d[\d ()./-]{5,18}\d(?!\w)/gi,
    keep: (match) => (match.replace(/\D/g, '').length < 7 ? match : undefined),
  },
  { label: 'card number', hint: /\d/, pattern: /\b\d(?:[ -]?\d){12,18}\b/g, keep: keepUnlessCard },
  {
    label: 'social security number',
    hint: /\d{3}-\d{2}-/,
    pattern: /\b(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}\b/g,
    inNames: true,
  },
  {
    label: 'identifier',
    hint: /\d/,
    pattern:
      /\b((?:mrn|medical record(?: (?:no|number))?|patient[ _-]?(?:id|no|number)|nhs(?: (?:no|number))?|passport(?: (?:no|number))?|policy[ _-]?(?:no|number)|account[ _-]?(?:no|number)|customer[ _-]?(?:no|number)|national[ _-]?(?:id|insurance)(?: (?:no|number))?|tax[ _-]?(?:id|number)|ssn|driving licence(?: (?:no|number))?)\.?["']?\s{0,3}(?:[:=#]|is)?\s{0,3}["']?)([A-Z0-9](?:[A-Z0-9-]|(?<=\d) (?=\d)){4,20})/gi,
    keep: (match, [before = '', value = '']) =>
      /\d{3}/.test(value.replace(/[ -]/g, '')) ? `${before}[identifier removed]` : match,
  },
  {
    label: 'name',
    hint: /[:=]/,
    pattern:
      /\b((?:patient|customer|employee|insured|policy[ _-]?holder|applicant|claimant|data subject|(?:full|first|last|family|given|patient|customer|employee)[ _-]?name|surname)["']?\s{0,3}[:=]\s{0,3}["']?)(\p{Lu}[\p{L}'\u2019-]+(?: \p{Lu}\.?[\p{L}'\u2019-]*){0,3})/gu,
    keep: (_match, [before]) => `${before}[name removed]`,
  },
];

/** Two people of one domain stay two people: four hex digits of a digest tell them apart without naming them. */
function keepDomain(match: string): string {
  const at = match.lastIndexOf('@');
  const tag = createHash('sha256').update(match.toLowerCase()).digest('hex').slice(0, 4);
  return `${match[0]}***(${tag})${match.slice(at)}`;
}

function keepUnlessIban(match: string): string | undefined {
  const compact = match.replaceAll(' ', '');
  const moved = compact.slice(4) + compact.slice(0, 4);
  let remainder = 0;
  for (const character of moved)
    for (const digit of String(Number.parseInt(character, 36))) remainder = (remainder * 10 + Number(digit)) % 97;
  return remainder === 1 ? undefined : match;
}

function keepUnlessCard(match: string): string | undefined {
  const digits = match.replace(/\D/g, '');
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0 && /^[2-6]/.test(digits) ? undefined : match;
}

/** Replaces secrets and personal data by what they were. Recognition is by shape: it cannot know every secret. */
export function redactText(text: string): string {
  return mayHold(text) ? masked(text, RULES) : text;
}

const NAME_RULES = RULES.filter((rule) => rule.inNames);

/** The same for the name of a file: what was masked is told apart by four hex digits of a digest of the whole. */
export function redactName(name: string): string {
  const result = masked(name, NAME_RULES);
  return result === name ? name : `${result} (${createHash('sha256').update(name).digest('hex').slice(0, 4)})`;
}

function masked(text: string, rules: readonly Rule[]): string {
  let result = text;
  for (const { label, hint, pattern, keep } of rules)
    if (hint.test(result))
      result = result.replace(pattern, (match: string, ...rest: unknown[]) =>
        keep
          ? (keep(
              match,
              rest.map((one) => (typeof one === 'string' ? one : undefined)),
            ) ?? `[${label} removed]`)
          : `[${label} removed]`,
      );
  return result;
}

/** What the labels of secrets are, apart from what is personal. */
const SECRET_LABELS: ReadonlySet<string> = new Set([
  'private key',
  'JSON web token',
  'AWS secret key',
  'AWS access key',
  'Slack web hook',
  'token',
  'bot token',
  'Azure secret',
  'bearer token',
  'credentials in an address',
  'password',
]);
const SECRET_RULES = RULES.filter(({ label }) => SECRET_LABELS.has(label));
/** What stands in a form until somebody fills it in. */
const FORM =
  /^["']?(?:(?:bearer|basic|token)\s+)?(?:your|my|the|some|any|insert|enter|put|add|paste|replace|change|example|sample|dummy|fake|todo|tbd|foo|bar|test|xxx|\.\.\.|<|\[|\{|\$|%|op:\/\/|vault:|env:|secret:)|x{4,}|\.{3}|\*{3}|(?:api[_-]?key|token|secret|password)(?:[_-]?here)?["']?$/i;

/** Whether a setting holds a secret outright, and neither a reference to one nor what stands for one in a form. */
export function holdsSecret(name: string, value: string): boolean {
  if (FORM.test(value.trim())) return false;
  const text = name === '' ? value : `${name}: ${value}`;
  return mayHold(text) && masked(text, SECRET_RULES) !== text;
}

/** What every rule needs at least one of, besides digits; most texts hold none of it. */
const TELLTALE =
  /[@:=]|-----BEGIN|eyJ|A(?:KIA|SIA|GPA|IDA|ROA|IPA|NPA|NVA)|gh[pousr]_|github_pat_|gl[a-z]{2,5}-|hf_|api_org_|[spr]k[-_]|xox|xapp-|AIza|ya29|GOCSPX|SG\.|npm_|pypi-|dop_v1_|shp|dapi|hvs\.|key-|SK[0-9a-f]|lin_api_|gsk_|r8_|Q~|hooks\.slack|bearer|basic|pass|kennwort/i;
/** The fewest digits of anything that is masked for them. */
const FEWEST_DIGITS = 4;
/** The shortest account number is 14 characters, and two letters and two digits begin it. */
const ACCOUNT = /\b[A-Z]{2}\d{2}[ A-Z0-9]{10}/;

/** Whether any rule could match: a cheap question that settles most texts. */
function mayHold(text: string): boolean {
  if (TELLTALE.test(text) || ACCOUNT.test(text)) return true;
  let digits = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57 && ++digits >= FEWEST_DIGITS) return true;
  }
  return false;
}
