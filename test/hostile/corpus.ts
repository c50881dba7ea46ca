import { seededRandom } from '../../src/statistics/random.ts';

/* A corpus of secrets and of what only looks like them, made anew each time from one seed: no real secret stands anywhere. */

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LOWER = UPPER.toLowerCase();
const DIGITS = '0123456789';
const ALL = UPPER + LOWER + DIGITS;
const HEX = `${DIGITS}abcdef`;

export interface Sample {
  kind: string;
  context: string;
  text: string;
  /** What may not be left of it. */
  secret: string;
}

type Draw = (alphabet: string, length: number) => string;

/** Every shape, as a function that draws one. A keyword that gives it away is part of the shape. */
function shapes(draw: Draw): Record<string, () => { text: string; secret: string }> {
  const alone = (make: () => string) => () => {
    const secret = make();
    return { text: secret, secret };
  };
  const named = (before: string, make: () => string) => () => {
    const secret = make();
    return { text: `${before}${secret}`, secret };
  };
  const mixed = (length: number): string =>
    `${draw(UPPER, 1)}${draw(LOWER, 1)}${draw(DIGITS, 1)}${draw(ALL, length - 3)}`;
  const day = (): string => `19${draw('456789', 1)}${draw(DIGITS, 1)}-0${draw('123456789', 1)}-1${draw(DIGITS, 1)}`;
  const area = (): string => `${draw('23456789', 1)}${draw(DIGITS, 2)}`;
  return {
    'AWS access key': alone(() => `AKIA${draw(UPPER + DIGITS, 16)}`),
    'AWS secret key, named': named('aws_secret_access_key = ', () => mixed(40)),
    'AWS secret key, camel case': named('"SecretAccessKey": "', () => mixed(40)),
    'AWS secret key beside its access key': () => {
      const secret = mixed(40);
      return { text: `AKIA${draw(UPPER + DIGITS, 16)} ${secret}`, secret };
    },
    'database password': named('db_password: ', () => mixed(12)),
    'client secret': named('client_secret=', () => mixed(24)),
    'environment password': named('export PGPASSWORD=', () => mixed(14)),
    'quoted password': named('password = "', () => mixed(10)),
    'password in words': named('the password is ', () => mixed(9)),
    'bearer header': named('Authorization: Bearer ', () => mixed(32)),
    'basic header': named('authorization: Basic ', () => `${mixed(24)}==`),
    'JSON web token': alone(() => `eyJ${draw(ALL, 20)}.eyJ${draw(ALL, 30)}.${draw(ALL, 30)}`),
    'GitHub token': alone(() => `ghp_${draw(ALL, 36)}`),
    'GitHub fine-grained token': alone(() => `github_pat_${draw(ALL, 40)}`),
    'GitLab token': alone(() => `glpat-${draw(ALL, 20)}`),
    'Hugging Face token': alone(() => `hf_${draw(ALL, 34)}`),
    'Google API key': alone(() => `AIza${draw(ALL, 35)}`),
    'Google OAuth token': alone(() => `ya29.${draw(ALL, 40)}`),
    'Google client secret': alone(() => `GOCSPX-${draw(ALL, 28)}`),
    'SendGrid key': alone(() => `SG.${draw(ALL, 22)}.${draw(ALL, 43)}`),
    'Slack token': alone(() => `xoxb-${draw(DIGITS, 12)}-${draw(ALL, 24)}`),
    'Slack web hook': alone(() => `hooks.slack.com/services/T${draw(UPPER, 8)}/B${draw(UPPER, 8)}/${draw(ALL, 24)}`),
    'Telegram bot': alone(() => `${draw('123456789', 1)}${draw(DIGITS, 9)}:${draw(ALL, 35)}`),
    'Azure storage key': named('DefaultEndpointsProtocol=https;AccountName=x;AccountKey=', () => `${draw(ALL, 86)}==`),
    'Azure client secret': alone(() => `${draw(ALL, 3)}8Q~${draw(ALL, 34)}`),
    'OpenAI key': alone(() => `sk-proj-${draw(ALL, 40)}`),
    'Anthropic key': alone(() => `sk-ant-api03-${draw(ALL, 40)}`),
    'Stripe key': alone(() => `sk_live_${draw(ALL, 24)}`),
    'npm token': alone(() => `npm_${draw(ALL, 36)}`),
    'private key': alone(() => `-----BEGIN RSA PRIVATE KEY-----\n${draw(ALL, 64)}\n-----END RSA PRIVATE KEY-----`),
    'address with password': () => {
      const secret = mixed(10);
      return { text: `postgres://app:${secret}@db.internal:5432/x`, secret };
    },
    'e-mail address': alone(() => `${draw(LOWER, 6)}.${draw(LOWER, 7)}@example.org`),
    'telephone, international': alone(
      () => `+49 ${draw('123456789', 2)}${draw(DIGITS, 1)} ${draw(DIGITS, 4)} ${draw(DIGITS, 3)}`,
    ),
    'telephone, North America': alone(() => `(${area()}) ${area()}-${draw(DIGITS, 4)}`),
    'telephone, dashes': alone(() => `${area()}-${area()}-${draw(DIGITS, 4)}`),
    'telephone, named': named('Tel: ', () => `0${draw(DIGITS, 9)}`),
    'date of birth': named('date of birth: ', day),
    'date of birth, short': named(
      'DOB ',
      () => `0${draw('123456789', 1)}/1${draw(DIGITS, 1)}/19${draw('456789', 1)}${draw(DIGITS, 1)}`,
    ),
    'date of birth, in words': named(
      'she was born on ',
      () => `1${draw(DIGITS, 1)} March 19${draw('456789', 1)}${draw(DIGITS, 1)}`,
    ),
    'social security number': alone(() => `5${draw('123456789', 2)}-${draw('123456789', 2)}-${draw('123456789', 4)}`),
    'record number': named('MRN: ', () => draw(DIGITS, 8)),
    'policy number': named('policy number ', () => `P-${draw(DIGITS, 7)}`),
    'name of a patient': named('patient: ', () => `J${draw(LOWER, 5)} K${draw(LOWER, 6)}`),
  };
}

const CONTEXTS: Record<string, (text: string) => string> = {
  text: (text) => `The assistant went on to say: ${text} and then it stopped.`,
  'end of a sentence': (text) => `It gave this away, ${text}.`,
  code: (text) => `  const value = load(); // ${text}\n  return value;`,
  JSON: (text) => JSON.stringify({ output: `Sure! ${text}`, score: 0.5 }),
  log: (text) => `2026-09-30T12:00:01.123Z INFO worker-3 [request 77] answer ${text} status 200`,
  'log with quotes': (text) => `msg="${text.replaceAll('"', '')}" level=info`,
};

/** Every shape in every context, so many times. */
export function secrets(times: number, seed = 1): Sample[] {
  const random = seededRandom(seed);
  const draw: Draw = (alphabet, length) =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  return Object.entries(shapes(draw)).flatMap(([kind, make]) =>
    Object.entries(CONTEXTS).flatMap(([context, place]) =>
      Array.from({ length: times }, (): Sample => {
        const { text, secret } = make();
        return { kind, context, text: place(text), secret: secret.split('\n')[1] ?? secret };
      }),
    ),
  );
}

/** What evidence says every day and no rule may touch. */
export function ordinary(seed = 2): string[] {
  const random = seededRandom(seed);
  const draw: Draw = (alphabet, length) =>
    Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  const many = (make: () => string): string[] => Array.from({ length: 40 }, make);
  return [
    ...many(() => `sha256:${draw(HEX, 64)}`),
    ...many(() => `commit ${draw(HEX, 40)}`),
    ...many(() => `${draw(HEX, 8)}-${draw(HEX, 4)}-4${draw(HEX, 3)}-a${draw(HEX, 3)}-${draw(HEX, 12)}`),
    ...many(() => `2026-0${draw('123456789', 1)}-1${draw(DIGITS, 1)}T1${draw(DIGITS, 1)}:0${draw(DIGITS, 1)}:00Z`),
    ...many(() => `10.${draw('123456789', 2)}.${draw('123456789', 2)}.${draw('123456789', 2)}:8080`),
    ...many(() => `garak 0.${draw(DIGITS, 2)}.${draw(DIGITS, 1)}, seed ${draw(DIGITS, 6)}`),
    ...many(
      () =>
        `TPR at FPR 0.1%: 0.${draw(DIGITS, 6)} (${draw('123456789', 4)} members, ${draw('123456789', 5)} non-members)`,
    ),
    ...many(() => `arn:aws:iam::${draw('123456789', 12)}:role/claims-reader`),
    ...many(() => `run_${draw(DIGITS, 8)}_${draw(DIGITS, 6)}.report.jsonl`),
    ...many(() => `line ${draw('123456789', 5)} to ${draw('123456789', 6)} of ${draw('123456789', 7)}`),
    'max_tokens: 4096',
    'token_count = 123456',
    'tokens: 18211 in, 402 out',
    'total_tokens=99121',
    'password: required',
    'password_policy: strong-enough',
    'Secrets are kept in the vault: see the runbook.',
    'the password is never shown',
    'a bearer of bad news said so',
    'secret_name: claims/db',
    'api_key_rotation: P90D',
    'pass rate: 97.5%',
    'passed: 1021',
    'passwordless authentication',
    'key: value',
    'class: membership-inference',
    'id: claims-llm',
    'name: Claims Assistant',
    'probe: leakreplay.LiteratureCloze',
    'gpt-4o-2026-05-13',
    'meta-llama/Llama-3.1-8B-Instruct',
    'huggingface.co/EleutherAI/pythia-2.8b',
    'see https://example.org/a/b?c=d&e=f',
    'PR.AA-05 and MEASURE 2.10',
    'LLM02:2025',
    'AML.T0024.001',
    'v1.2.3-beta.4+build.567',
    'The model was born of an older one.',
    'token: the unit of text',
    'credential report of AWS IAM',
    '{"token": null, "secret": false}',
    'task-runner-with-a-long-name-1',
    'risk-based-approach-to-model-governance',
    'ask-me-anything-about-insurance',
    'const token = process.env.TOKEN',
    ['password: $', '{DB_PASSWORD}'].join(''),
    'secret: "{{ vault }}"',
    'api_key: <redacted>',
    'ISO/IEC 42001:2023, clause 6.1.2',
    'EU AI Act, Article 15(5)',
    '0.0000123 to 0.9999',
    '1,234,567 trials',
    'epsilon 8, delta 1e-5',
    'port 5432',
    'skeleton-key-attack',
    'sk-learn',
  ];
}
