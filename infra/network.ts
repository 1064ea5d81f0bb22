import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Settings } from './settings.ts';

export interface NetworkProps {
  readonly network: Settings['network'];
  readonly compute: Exclude<Settings['compute'], 'none'>;
}

const AVAILABILITY_ZONES = 2;

/** What a worker's host asks for without a way to the internet; S3 has a gateway, which costs nothing. */
const INTERFACE_ENDPOINTS = {
  Sqs: ec2.InterfaceVpcEndpointAwsService.SQS,
  EcrApi: ec2.InterfaceVpcEndpointAwsService.ECR,
  EcrDocker: ec2.InterfaceVpcEndpointAwsService.ECR_DOCKER,
  Logs: ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
} as const;

/** The agent on an EC2 instance also speaks to ECS (Amazon ECS: "Interface VPC endpoints"); Fargate's does not need to. */
const AGENT_ENDPOINTS = {
  Ecs: ec2.InterfaceVpcEndpointAwsService.ECS,
  EcsAgent: ec2.InterfaceVpcEndpointAwsService.ECS_AGENT,
  EcsTelemetry: ec2.InterfaceVpcEndpointAwsService.ECS_TELEMETRY,
} as const;

/**
 * Where workers run. `public`: subnets with a way out and no rule that lets anything in, and nothing that costs while
 * nobody trains. `private`: no way to the internet at all, and exactly the endpoints that workers need.
 */
export class Network extends Construct {
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SubnetSelection;
  /** Of workers: lets nothing in. */
  readonly securityGroup: ec2.SecurityGroup;
  readonly isPublic: boolean;

  constructor(scope: Construct, id: string, { network, compute }: NetworkProps) {
    super(scope, id);
    this.isPublic = network === 'public';
    const subnetType = this.isPublic ? ec2.SubnetType.PUBLIC : ec2.SubnetType.PRIVATE_ISOLATED;
    this.subnets = { subnetType };
    const vpc = new ec2.Vpc(this, 'Vpc', {
      maxAzs: AVAILABILITY_ZONES,
      natGateways: 0,
      subnetConfiguration: [{ name: 'workers', subnetType, cidrMask: 20 }],
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    acknowledge(vpc, {
      VPC7: 'Flow logs are paid by the byte while workers train, and nothing can connect to a worker.',
    });
    // The library's classes and interfaces disagree on optional properties that may be undefined.
    this.vpc = vpc as ec2.IVpc;
    this.securityGroup = new ec2.SecurityGroup(this, 'Workers', {
      vpc: this.vpc,
      description: 'Workers: nothing in; out to AWS',
      allowAllOutbound: true,
    });
    if (!this.isPublic) this.#addEndpoints(compute);
  }

  #addEndpoints(compute: NetworkProps['compute']): void {
    const services = compute === 'gpu' ? { ...INTERFACE_ENDPOINTS, ...AGENT_ENDPOINTS } : INTERFACE_ENDPOINTS;
    const endpoints = new ec2.SecurityGroup(this, 'Endpoints', {
      vpc: this.vpc,
      description: 'Interface endpoints: HTTPS from workers',
      allowAllOutbound: false,
    });
    endpoints.addIngressRule(this.securityGroup, ec2.Port.tcp(443), 'HTTPS from workers');
    for (const [name, service] of Object.entries(services)) {
      this.vpc.addInterfaceEndpoint(name, {
        service,
        subnets: this.subnets,
        securityGroups: [endpoints],
        open: false,
      });
    }
  }
}
