import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';

/** The Chromium that comes with the package, unpacked into a folder of the user's own. */
export interface PackagedBrowser {
  executablePath: string;
  args: string[];
  /** Folder of the fonts configuration; the report brings its own fonts, but without any of the system's Chromium draws no text at all. */
  fonts: string;
  /** The system libraries it needs, for machines that have none of them. */
  libraries: string;
}

const manifest = z.object({ version: z.string().regex(/^[\w.-]+$/) });

/**
 * Unpacks the browser once for each version. The library would put it at a fixed place in the shared temporary folder,
 * where another user could put something else first and a second run could start it half-written; so it is unpacked
 * into a new folder below the user's cache, which then takes its final name in one step.
 * @param instead where it is unpacked for this run alone when the user has no cache that may be written
 * @returns undefined where none came along (other platforms, optional dependencies left out)
 */
export async function packagedBrowser(instead: string): Promise<PackagedBrowser | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const library = await import('@sparticuz/chromium').catch(() => undefined);
  if (!library) return undefined;
  const chromium = library.default;
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const root = entry.slice(0, entry.lastIndexOf(`${path.sep}chromium${path.sep}build`) + '/chromium'.length);
  const { version } = manifest.parse(createRequire(import.meta.url)(path.join(root, 'package.json')));
  const unpack = async (staging: string): Promise<void> => {
    // The library asks these two variables where to unpack and whether to bring the system libraries along.
    await withEnvironment({ TMPDIR: staging, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' }, () => chromium.executablePath());
  };
  const folder = await inCache(`chromium-${version}`, unpack).catch(async () => {
    const place = path.join(instead, 'chromium');
    await mkdir(place, { mode: 0o700 });
    await unpack(place);
    return place;
  });
  return {
    executablePath: path.join(folder, 'chromium'),
    args: chromium.args,
    fonts: await fontsConfiguration(folder),
    libraries: path.join(folder, 'al2023', 'lib'),
  };
}

/** A folder of the user's cache, made once and whole. */
async function inCache(name: string, fill: (staging: string) => Promise<void>): Promise<string> {
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'probity');
  const folder = path.join(cache, name);
  if (existsSync(path.join(folder, 'chromium'))) return folder;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const staging = await mkdtemp(path.join(cache, 'unpack-'));
  try {
    await fill(staging);
    await rename(staging, folder);
  } catch (error) {
    await rm(staging, { recursive: true, force: true });
    // Another run may have been quicker; then its browser serves as well.
    if (!existsSync(path.join(folder, 'chromium'))) throw error;
  }
  return folder;
}

/** The configuration that came along looks for fonts in places of its own; this one names where they were unpacked. */
async function fontsConfiguration(folder: string): Promise<string> {
  const home = path.join(folder, 'fontconfig');
  const file = path.join(home, 'fonts.conf');
  const written = await readFile(file, 'utf8').catch(() => '');
  if (written.includes(folder)) return home;
  const element = (name: string, value: string): string =>
    `<${name}>${value.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const staging = `${file}.${process.pid}`;
  const body = [element('dir', path.join(folder, 'fonts', 'fonts')), element('cachedir', path.join(home, 'cache'))];
  await writeFile(
    staging,
    `<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>\n${body.join('\n')}\n</fontconfig>\n`,
  );
  await rename(staging, file);
  return home;
}

async function withEnvironment<T>(values: Record<string, string>, work: () => Promise<T>): Promise<T> {
  const former = Object.keys(values).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, values);
  try {
    return await work();
  } finally {
    for (const [name, value] of former) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
