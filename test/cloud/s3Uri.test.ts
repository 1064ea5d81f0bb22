import { expect, test } from 'vitest';
import { looksLikeS3Uri, parseS3Uri } from '../../lib/cloud/s3Uri.ts';

test('a folder of S3 is a bucket and a prefix that ends with a slash', () => {
  const folder = { bucket: 'my.data-1', prefix: 'a/b_c/' };
  expect(parseS3Uri('s3://my.data-1/a/b_c')).toEqual(folder);
  expect(parseS3Uri('s3://my.data-1/a/b_c/')).toEqual(folder);
});

test.for([
  's3://bucket',
  's3://bucket/',
  's3://bucket//a',
  's3://bucket/a//b',
  's3://bucket/../b',
  's3://bucket/a/.',
  's3://bucket/a*',
  's3://bucket/$user',
  's3://bucket/a?b',
  's3://B/a',
  's3://Bucket/a',
  's3:bucket/a',
  'S3://bucket/a',
])('%s names no folder', (uri) => {
  expect(looksLikeS3Uri(uri)).toBe(true);
  expect(parseS3Uri(uri)).toBeNull();
});

test.for(['data', './s3', '/s3://bucket/a', 'C:/data'])('%s is a path', (path) => {
  expect(looksLikeS3Uri(path)).toBe(false);
});
