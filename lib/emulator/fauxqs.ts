/**
 * The parts of fauxqs that this room builds on. `buildApp` takes stores from outside, which is how its S3 and SQS are
 * mended here, but the package exports no store classes: they are taken from its files. The dependency is pinned to an
 * exact version for that reason.
 */
import type { DatabaseSync } from 'node:sqlite';
import { type BuildAppOptions, buildApp } from 'fauxqs';

type Stores = NonNullable<BuildAppOptions['stores']>;
export type S3Store = Stores['s3Store'];
export type StoredObject = ReturnType<S3Store['headObject']>;
export type SqsStore = Stores['sqsStore'];
export type SqsQueue = ReturnType<SqsStore['createQueue']>;
export type FauxqsApp = ReturnType<typeof buildApp>;

/** Objects in an SQLite database with a write-ahead log: a write is there as a whole or not at all. */
export type ObjectDatabase = NonNullable<S3Store['persistence']> & { readonly db: DatabaseSync };

interface FauxqsClasses {
  readonly S3Store: new () => S3Store;
  readonly SqsStore: new () => SqsStore;
  readonly SnsStore: new () => Stores['snsStore'];
  readonly PersistenceManager: new (directory: string) => ObjectDatabase;
}

const CLASS_FILES: Readonly<Record<keyof FauxqsClasses, string>> = {
  S3Store: './s3/s3Store.js',
  SqsStore: './sqs/sqsStore.js',
  SnsStore: './sns/snsStore.js',
  PersistenceManager: './persistence.js',
};

async function loadClasses(): Promise<FauxqsClasses> {
  const main = import.meta.resolve('fauxqs');
  const classes = Object.entries(CLASS_FILES).map(async ([name, file]) => {
    const module: Record<string, unknown> = await import(new URL(file, main).href);
    if (typeof module[name] !== 'function') throw new TypeError(`fauxqs ${file}: expected a class ${name}`);
    return [name, module[name]];
  });
  return Object.fromEntries(await Promise.all(classes)) as FauxqsClasses;
}

/** The file in which its database lies in a directory. */
export const fauxqsDatabaseFile = 'fauxqs.db';
export const fauxqsClasses = await loadClasses();
export { buildApp };

/** An object without its body, or null where there is none. */
export function currentObject(s3: S3Store, bucket: string, key: string): StoredObject | null {
  try {
    return s3.headObject(bucket, key);
  } catch (error) {
    if ((error as { code?: string }).code === 'NoSuchKey') return null;
    throw error;
  }
}
