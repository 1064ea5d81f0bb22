import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { Network } from './network.ts';

export interface GpuCapacityProps {
  readonly network: Network;
  readonly maxWorkers: number;
  readonly instanceTypes: readonly string[];
  readonly onDemandPercent: number;
  /** Hears of instances that come and go. */
  readonly topic: sns.ITopic;
}

/** The AMI, an image with CUDA and TensorFlow, and room to unpack it. */
const DISK_GIB = 80;

/** GPU instances from and to zero: as many as tasks ask for, on Spot where the settings let them. */
export class GpuCapacity extends Construct {
  readonly provider: ecs.AsgCapacityProvider;
  readonly role: iam.Role;

  constructor(scope: Construct, id: string, props: GpuCapacityProps) {
    super(scope, id);
    this.role = new iam.Role(this, 'InstanceRole', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
    });
    const group = new autoscaling.AutoScalingGroup(this, 'Instances', {
      vpc: props.network.vpc,
      vpcSubnets: props.network.subnets,
      minCapacity: 0,
      maxCapacity: props.maxWorkers,
      newInstancesProtectedFromScaleIn: true,
      capacityRebalance: true,
      mixedInstancesPolicy: this.#mixedInstances(props),
      notifications: [{ topic: props.topic, scalingEvents: autoscaling.ScalingEvents.ALL }],
    });
    acknowledge(group, { EC26: 'The rule cannot read a launch template; its volume is encrypted.' });
    acknowledge(this.role, {
      'IAM5[Resource::*]': 'ecs:DiscoverPollEndpoint and ecr:GetAuthorizationToken know no resource.',
      'IAM5[Action::ecs:Submit*]':
        'What an instance reports of its own tasks: changes of state, and nothing else.',
    });
    this.provider = new ecs.AsgCapacityProvider(this, 'Provider', {
      autoScalingGroup: group,
      enableManagedScaling: true,
      enableManagedTerminationProtection: true,
      enableManagedDraining: true,
      targetCapacityPercent: 100,
    });
  }

  #mixedInstances({
    network,
    instanceTypes,
    onDemandPercent,
  }: GpuCapacityProps): autoscaling.MixedInstancesPolicy {
    const launchTemplate = new ec2.LaunchTemplate(this, 'Template', {
      machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.GPU),
      role: this.role,
      securityGroup: network.securityGroup,
      associatePublicIpAddress: network.isPublic,
      userData: userData(),
      requireImdsv2: true,
      // Containers are one hop away: they reach their task's role, never the instance's.
      httpPutResponseHopLimit: 1,
      detailedMonitoring: false,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: encryptedVolume(),
        },
      ],
    });
    acknowledge(launchTemplate, {
      EC28: 'Metrics once in five minutes are enough for instances that live as long as a run.',
      EC29: 'Termination protection would keep instances from being scaled to zero.',
    });
    return {
      launchTemplate,
      launchTemplateOverrides: instanceTypes.map((type) => ({ instanceType: new ec2.InstanceType(type) })),
      instancesDistribution: {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: onDemandPercent,
        spotAllocationStrategy: autoscaling.SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
      },
    };
  }
}

const encryptedVolume = (): ec2.BlockDeviceVolume =>
  ec2.BlockDeviceVolume.ebs(DISK_GIB, { encrypted: true, volumeType: ec2.EbsDeviceVolumeType.GP3 });

/** Settings of the ECS agent (Amazon ECS: "Container agent configuration"). */
function userData(): ec2.UserData {
  const data = ec2.UserData.forLinux();
  data.addCommands(
    'echo ECS_ENABLE_GPU_SUPPORT=true >> /etc/ecs/ecs.config',
    // Two minutes before it is taken, a Spot instance hands its tasks back in good order.
    'echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config',
    'echo ECS_CONTAINER_STOP_TIMEOUT=120s >> /etc/ecs/ecs.config',
  );
  return data;
}
