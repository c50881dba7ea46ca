import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { messageOf, ProbityError } from '../errors.ts';
import { tooLarge } from './folderStore.ts';
import type { Listed, ObjectStore } from './objects.ts';
import { loadS3 } from './packages.ts';
import type { Place } from './places.ts';

type S3Place = Extract<Place, { kind: 's3' }>;
type Sdk = Awaited<ReturnType<typeof loadS3>>;

/** How often a call is tried before it counts as failed; what a store answers once in ten times is not seen. */
const ATTEMPTS = 8;

let shared: { sdk: Sdk; client: S3Client } | undefined;

/**
 * Opens a bucket. Keys, region and address come from the environment or the machine's role, as in all of AWS's tools
 * (`AWS_ACCESS_KEY_ID`, `AWS_REGION`, `AWS_ENDPOINT_URL_S3`); a bucket of another server is named in the path.
 */
export async function openS3Store(place: S3Place): Promise<ObjectStore> {
  if (!shared) {
    const sdk = await loadS3();
    const elsewhere = process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
    const client = new sdk.S3Client({
      maxAttempts: ATTEMPTS,
      ...(elsewhere ? { forcePathStyle: true } : {}),
      ...(process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION ? {} : { region: 'us-east-1' }),
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    shared = { sdk, client };
  }
  return new S3Store(place, shared.sdk, shared.client);
}

class S3Store implements ObjectStore {
  readonly place: S3Place;
  #sdk: Sdk;
  #client: S3Client;

  constructor(place: S3Place, sdk: Sdk, client: S3Client) {
    this.place = place;
    this.#sdk = sdk;
    this.#client = client;
  }

  #at(name: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.bucket, Key: this.place.key === '' ? name : `${this.place.key}/${name}` };
  }

  #where(name: string): string {
    const { Bucket, Key } = this.#at(name);
    return `s3://${Bucket}/${Key}`;
  }

  async #call<T>(name: string, asked: () => Promise<T>): Promise<T> {
    try {
      return await asked();
    } catch (error) {
      if (error instanceof ProbityError) throw error;
      throw new ProbityError('STORE_FAILED', `the store did not do it: ${reasonOf(error)}`, {
        where: this.#where(name),
        cause: error,
      });
    }
  }

  async *list(prefix: string): AsyncGenerator<Listed> {
    const { Bucket, Key } = this.#at(prefix);
    const cut = this.place.key === '' ? 0 : this.place.key.length + 1;
    let token: string | undefined;
    do {
      const page = await this.#call(prefix, () =>
        this.#client.send(
          new this.#sdk.ListObjectsV2Command({ Bucket, Prefix: Key, ...(token ? { ContinuationToken: token } : {}) }),
        ),
      );
      // A key that ends with a slash stands for a folder.
      for (const { Key: key = '', Size = 0, ETag = '' } of page.Contents ?? [])
        if (!key.endsWith('/')) yield { name: key.slice(cut), bytes: Size, mark: ETag };
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
  }

  async get(name: string, limit: number): Promise<Buffer | undefined> {
    return this.#call(name, async () => {
      try {
        const { Body, ContentLength = 0 } = await this.#client.send(new this.#sdk.GetObjectCommand(this.#at(name)));
        if (ContentLength > limit) throw tooLarge(this.#where(name), limit);
        return Buffer.from((await Body?.transformToByteArray()) ?? new Uint8Array());
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    });
  }

  async fetch(listed: Listed, to: string): Promise<void> {
    await this.#call(listed.name, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          const { Body } = await this.#client.send(
            new this.#sdk.GetObjectCommand({
              ...this.#at(listed.name),
              ...(listed.mark ? { IfMatch: listed.mark } : {}),
            }),
          );
          if (!(Body instanceof Readable)) throw new Error('no content');
          await pipeline(Body, createWriteStream(to, { flags: 'w', mode: 0o600 }));
          return;
        } catch (error) {
          if (statusOf(error) === 412)
            throw new ProbityError('STORE_FAILED', 'the object changed while it was read', {
              where: this.#where(listed.name),
            });
          // The library tries again what was not answered, not what broke off while it was answered.
          if (attempt >= ATTEMPTS || statusOf(error) === 404 || statusOf(error) === 403) throw error;
        }
      }
    });
  }

  async putIfAbsent(name: string, content: Uint8Array): Promise<boolean> {
    return this.#call(name, async () => {
      for (let attempt = 1; ; attempt++) {
        try {
          await this.#client.send(
            new this.#sdk.PutObjectCommand({ ...this.#at(name), Body: content, IfNoneMatch: '*' }),
          );
          return true;
        } catch (error) {
          if (statusOf(error) === 412) {
            // After an attempt whose answer was lost, what is there may be what was put.
            const there = await this.get(name, content.length + 1).catch(() => undefined);
            return there !== undefined && Buffer.compare(there, content) === 0;
          }
          // Two writers at once: one of them is told to ask again.
          if (statusOf(error) !== 409 || attempt >= ATTEMPTS) throw error;
        }
      }
    });
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    await this.#call(name, () =>
      this.#client.send(new this.#sdk.PutObjectCommand({ ...this.#at(name), Body: content })),
    );
  }

  async putFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    // The folder's name carries the digest of its files; where one is there and is not that, somebody changed it.
    for (const [name, content] of files)
      if (!(await this.putIfAbsent(`${folder}/${name}`, content))) await this.put(`${folder}/${name}`, content);
  }

  async removeFolder(folder: string): Promise<void> {
    try {
      for await (const { name } of this.list(`${folder}/`))
        await this.#client.send(new this.#sdk.DeleteObjectCommand(this.#at(name)));
    } catch {
      // A store that lets nothing be removed keeps it.
    }
  }

  async folders(prefix: string): Promise<string[]> {
    const { Bucket, Key } = this.#at(prefix);
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.#call(prefix, () =>
        this.#client.send(
          new this.#sdk.ListObjectsV2Command({
            Bucket,
            Prefix: Key,
            Delimiter: '/',
            ...(token ? { ContinuationToken: token } : {}),
          }),
        ),
      );
      for (const { Prefix = '' } of page.CommonPrefixes ?? []) found.push(Prefix.slice(Key.length).replace(/\/$/, ''));
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
    } while (token);
    return found.filter((name) => !name.startsWith('.'));
  }
}

function statusOf(error: unknown): number | undefined {
  const metadata: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, '$metadata') : undefined;
  const status: unknown =
    typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
  return typeof status === 'number' ? status : undefined;
}

function reasonOf(error: unknown): string {
  const name = error instanceof Error ? error.name : 'unknown';
  const status = statusOf(error);
  return `${messageOf(error).split('\n')[0]} (${name}${status === undefined ? '' : `, ${status}`})`.slice(0, 300);
}
