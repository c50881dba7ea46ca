import { z } from 'zod';
import type { Adapter } from '../../adapter.ts';
import { newReading } from '../../adapter.ts';
import { datedBy, fitted, pointerStep } from '../../fitting.ts';
import type { Located } from '../../observation.ts';
import type { SecretFindingBody } from '../../observations/access.ts';
import type { AgentToolBody } from '../../observations/operations.ts';
import { holdsSecret } from '../../secrets.ts';

// https://modelcontextprotocol.io and the clients' own pages: `mcpServers` (Claude, Cursor, Windsurf, Cline and others),
// `servers` (VS Code), `context_servers` (Zed). A file says which servers an agent loads and how, not which tools they offer.
// Values of env, headers and arguments are looked at and never carried.

const texts = z.record(z.string().max(300), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const server = z.looseObject({
  command: z.union([z.string(), z.array(z.string())]).optional(),
  args: z.array(z.union([z.string(), z.number()])).optional(),
  env: texts.nullish(),
  environment: texts.nullish(),
  url: z.string().optional(),
  serverUrl: z.string().optional(),
  httpUrl: z.string().optional(),
  headers: texts.nullish(),
  disabled: z.boolean().optional(),
  enabled: z.boolean().optional(),
  alwaysAllow: z.array(z.string()).optional(),
  autoApprove: z.union([z.array(z.string()), z.boolean()]).optional(),
});
type Server = z.infer<typeof server>;
const LISTS = ['mcpServers', 'servers', 'context_servers'] as const;
const configuration = z.looseObject({
  mcpServers: z.record(z.string().max(300), server).optional(),
  servers: z.record(z.string().max(300), server).optional(),
  context_servers: z.record(z.string().max(300), server).optional(),
});

/** What is loaded: a package with its version, an image with its digest, or an address. */
interface Loaded {
  server?: string;
  version?: string;
  pinned?: string;
}

const RUNNERS = /^(?:npx|bunx|pnpx|uvx|pnpm|yarn|bun|pipx|uv|npm)(?:\.cmd|\.exe)?$/;
const CONTAINERS = /^(?:docker|podman|nerdctl)(?:\.exe)?$/;
/** Words between a runner and the package. */
const VERBS = new Set(['dlx', 'exec', 'x', 'run', 'tool', 'create']);
/** Options of container runtimes that take a value of their own. */
const VALUED = new Set([
  '-e',
  '--env',
  '-v',
  '--volume',
  '--mount',
  '-p',
  '--publish',
  '--name',
  '--network',
  '--user',
  '-u',
  '-w',
  '--workdir',
  '--env-file',
  '--entrypoint',
  '--platform',
  '--label',
  '-l',
]);

function packageOf(args: readonly string[]): Loaded {
  const from = args.findIndex((one) => one === '--from' || one === '--package' || one === '-p');
  const named =
    from >= 0 ? args[from + 1] : args.find((one, index) => !one.startsWith('-') && !(VERBS.has(one) && index < 2));
  if (named === undefined || /^[./~]|^[A-Za-z]:\\/.test(named)) return {};
  const split = /^(@?[^@=]+?)(?:@|==)(.+)$/.exec(named);
  if (/^(?:git\+|https?:|github:)/.test(named)) return { server: withoutQuery(named) };
  // Without a version a runner loads whatever is newest on the day.
  return split
    ? { server: String(split[1]), version: String(split[2]).slice(0, 100) }
    : { server: named, version: 'latest' };
}

function imageOf(args: readonly string[]): Loaded {
  const run = args.indexOf('run');
  for (let i = run + 1; i < args.length; i++) {
    const one = args[i] as string;
    if (VALUED.has(one)) i++;
    else if (!one.startsWith('-')) {
      const [image = '', digest] = one.split('@sha256:');
      const tag = /:([^/:]+)$/.exec(image)?.[1];
      return {
        server: tag ? image.slice(0, -tag.length - 1) : image,
        version: tag ?? 'latest',
        ...(digest && /^[0-9a-f]{64}$/.test(digest) ? { pinned: digest } : {}),
      };
    }
  }
  return {};
}

/** An address without what may stand for a secret in it. */
function withoutQuery(address: string): string {
  return address
    .replace(/\/\/[^/@]*@/, '//')
    .replace(/[?#].*$/, '')
    .slice(0, 400);
}

function addressOf(found: Server): string | undefined {
  return found.url ?? found.serverUrl ?? found.httpUrl;
}

function commandOf(found: Server): string[] {
  const { command, args = [] } = found;
  const words = Array.isArray(command) ? command : command ? [command] : [];
  return [...words, ...args.map(String)];
}

function loadedBy(found: Server): Loaded {
  const address = addressOf(found);
  if (address !== undefined) return { server: withoutQuery(address) };
  const [program = '', ...args] = commandOf(found);
  const name = program.split(/[/\\]/).at(-1) ?? '';
  // Windows starts runners by its own interpreter.
  if (/^cmd(?:\.exe)?$/i.test(name) && /^\/c$/i.test(args[0] ?? ''))
    return RUNNERS.test(args[1] ?? '') ? packageOf(args.slice(2)) : {};
  if (RUNNERS.test(name)) return packageOf(args);
  return CONTAINERS.test(name) ? imageOf(args) : {};
}

const LOOPBACK = /^https?:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]|host\.docker\.internal)(?:[:/]|$)/i;

function transportOf(found: Server): AgentToolBody['transport'] {
  const address = addressOf(found);
  if (address === undefined) return found.command === undefined ? undefined : 'stdio';
  if (/^https:/i.test(address)) return 'https';
  return /^http:/i.test(address) && !LOOPBACK.test(address) ? 'http' : undefined;
}

/** Every setting of a server, as where it stands, its name and its value. */
function settingsOf(found: Server): { at: string; place: string; name: string; value: string }[] {
  const of = (list: 'env' | 'environment' | 'headers', place: string) =>
    Object.entries(found[list] ?? {}).flatMap(([name, value]) =>
      value === null ? [] : [{ at: `/${list}/${pointerStep(name)}`, place, name, value: String(value) }],
    );
  const args = commandOf(found);
  const named = args.flatMap((value, index) => {
    const before = args[index - 1] ?? '';
    const name = /^--?[A-Za-z]/.test(before) && !before.includes('=') ? before.replace(/^-+/, '') : '';
    return [{ at: '/args', place: 'an argument', name: ['e', 'env', 'H', 'header'].includes(name) ? '' : name, value }];
  });
  const address = addressOf(found);
  return [
    ...of('env', 'the environment'),
    ...of('environment', 'the environment'),
    ...of('headers', 'a header'),
    ...named,
    ...(address ? [{ at: '/url', place: 'the address', name: '', value: address }] : []),
  ];
}

export const adapter: Adapter = {
  format: 'mcp-configuration',
  title: 'MCP and agent configuration (JSON)',
  about: {
    group: 'access',
    files: 'MCP and agent configuration (`.mcp.json`, `mcp.json`, `claude_desktop_config.json`)',
    recognisedBy: '`mcpServers`, `servers`, `context_servers`',
    gives:
      'the servers an agent loads, with version, digest and transport; settings that hold a secret outright, by name and never by value',
    limits:
      'not which tools a server offers, who reviewed it or whose rights decide (`kind: ToolInventory`); a configuration without secrets is no search for them',
  },
  recognise(head) {
    if (!/^\s*\{/.test(head.text)) return 0;
    if (/"mcpServers"\s*:\s*\{/.test(head.text)) return 0.9;
    const named = /^\.?mcp.*\.json$|mcp_?servers?.*\.json$/.test(head.name);
    return /"(?:servers|context_servers)"\s*:\s*\{/.test(head.text) &&
      (named || /"context_servers"/.test(head.text)) &&
      /"(?:command|url)"\s*:/.test(head.text)
      ? 0.8
      : 0;
  },
  async read(file, context) {
    const found = fitted(configuration, await file.json(), file, 'an MCP configuration');
    const tool = { name: 'MCP configuration' };
    const reading = newReading(tool);
    const dated = datedBy(reading, context, undefined, 'the configuration');
    const secrets: Located<SecretFindingBody>[] = [];
    let off = 0;
    for (const list of LISTS)
      for (const [name, one] of Object.entries(found[list] ?? {})) {
        const at = `/${list}/${pointerStep(name)}`;
        for (const { at: below, place, name: setting, value } of settingsOf(one))
          if (holdsSecret(setting, value))
            secrets.push({
              kind: 'secret-finding',
              id: `${at}${below}`,
              rule: 'secret in an agent configuration',
              where: `${file.path}, ${place} of the MCP server ${name}${setting ? `, ${setting}` : ''}`,
              ...dated,
              tool,
              at: `${at}${below}`,
            });
        if (one.disabled === true || one.enabled === false) {
          off++;
          continue;
        }
        const transport = transportOf(one);
        const shared = Object.entries(one.headers ?? {}).some(([key, value]) => holdsSecret(key, String(value ?? '')));
        reading.observations.push({
          kind: 'agent-tool',
          id: name,
          ...loadedBy(one),
          ...(transport ? { transport } : {}),
          ...(shared ? { authenticates: 'shared-key' as const } : {}),
          ...dated,
          at,
        });
        const unasked = one.autoApprove === true ? ['any'] : [...(one.alwaysAllow ?? []), ...(one.autoApprove || [])];
        if (unasked.length > 0)
          reading.warnings.push(
            `the agent calls ${unasked.length === 1 && unasked[0] !== 'any' ? 'a tool' : unasked[0] === 'any' ? 'any tool' : `${unasked.length} tools`} of ${name} without asking`,
          );
      }
    if (secrets.length > 0) {
      reading.observations.push(
        { kind: 'secret-scan', scanned: [], findings: secrets.length, ...dated, tool, at: '' },
        ...secrets,
      );
      reading.warnings.push(
        `${secrets.length} ${secrets.length === 1 ? 'setting holds a secret' : 'settings hold secrets'} outright; keep them in a store and refer to them`,
      );
    }
    if (off > 0) reading.warnings.push(`${off} servers that are switched off are not counted as tools`);
    reading.warnings.push(
      'a configuration says which servers are loaded, not which tools they offer, who reviewed them or whose rights decide: kind: ToolInventory says that',
    );
    return reading;
  },
};
