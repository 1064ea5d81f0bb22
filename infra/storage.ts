import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

export interface StorageProps {
  /** Whether bucket and objects stay when the stack is destroyed. Without, destroying wants an empty bucket. */
  readonly retainData: boolean;
}

/**
 * The bucket. Superseded objects of live runs are removed by the coordinator, which knows what is referred to, never by
 * their age; the rule here is for uploads that nobody can see.
 */
export class Storage extends Construct {
  readonly bucket: s3.IBucket;

  constructor(scope: Construct, id: string, { retainData }: StorageProps) {
    super(scope, id);
    const bucket = new s3.Bucket(this, 'Bucket', {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      lifecycleRules: [
        { id: 'unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
        // Runs never write a key again but state.json; a version left behind by a bucket made versioned later goes.
        { id: 'noncurrent-versions', noncurrentVersionExpiration: Duration.days(1) },
      ],
    });
    acknowledge(bucket, {
      S1: 'An access log would be more objects than the runs themselves; CloudTrail data events serve where it is asked for.',
    });
    // The library's classes and interfaces disagree on optional properties that may be undefined.
    this.bucket = bucket as s3.IBucket;
  }
}
