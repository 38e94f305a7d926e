package awstest

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// plausible are inputs that make sense as a whole, of operations that fields
// set at random would hardly ever get anywhere with. The driver takes two
// of three inputs from here; nil: there is nothing now that it could be about.
var plausible = map[string]func(*driver) any{
	"RegisterImage": func(d *driver) any {
		id := d.ownSnapshot(func(n ec2types.Snapshot) bool { return n.State == ec2types.SnapshotStateCompleted })
		if id == nil {
			return nil
		}
		return &ec2.RegisterImageInput{Name: d.newName(), RootDeviceName: new("/dev/xvda"), BlockDeviceMappings: []ec2types.BlockDeviceMapping{
			{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{SnapshotId: id}},
		}}
	},
	"ModifyImageAttribute": func(d *driver) any {
		i, ok := pick(d, d.region().Images(), func(i ec2types.Image) bool {
			return *i.OwnerId == d.at.account && i.State == ec2types.ImageStateAvailable
		})
		if !ok {
			return nil
		}
		in := &ec2.ModifyImageAttributeInput{ImageId: i.ImageId}
		switch d.IntN(3) {
		case 0:
			in.Description = &ec2types.AttributeValue{Value: d.newName()}
		case 1:
			in.OperationType, in.UserIds, in.Attribute = ec2types.OperationTypeAdd, slices.Clone(d.accounts), new("launchPermission")
		case 2:
			in.LaunchPermission = &ec2types.LaunchPermissionModifications{Remove: []ec2types.LaunchPermission{{UserId: new(d.accounts[1])}}}
		}
		return in
	},
	"ModifySnapshotAttribute": func(d *driver) any {
		id := d.ownSnapshot(func(n ec2types.Snapshot) bool { return !aws.ToBool(n.Encrypted) })
		if id == nil {
			return nil
		}
		return &ec2.ModifySnapshotAttributeInput{SnapshotId: id, OperationType: ec2types.OperationTypeAdd, UserIds: slices.Clone(d.accounts)}
	},
	"EnableFastSnapshotRestores": func(d *driver) any {
		id := d.ownSnapshot(func(n ec2types.Snapshot) bool { return n.State == ec2types.SnapshotStateCompleted })
		if id == nil {
			return nil
		}
		return &ec2.EnableFastSnapshotRestoresInput{SourceSnapshotIds: []string{*id}, AvailabilityZones: []string{d.at.region + "a", d.at.region + "b"}}
	},
	"DisableFastSnapshotRestores": func(d *driver) any {
		id := d.ownSnapshot(func(ec2types.Snapshot) bool { return true })
		if id == nil {
			return nil
		}
		return &ec2.DisableFastSnapshotRestoresInput{SourceSnapshotIds: []string{*id}, AvailabilityZones: []string{d.at.region + "a"}}
	},
	"CreateStoreImageTask": func(d *driver) any {
		i, ok := pick(d, d.region().Images(), func(i ec2types.Image) bool {
			return *i.OwnerId == d.at.account && i.State == ec2types.ImageStateAvailable
		})
		if !ok {
			return nil
		}
		return &ec2.CreateStoreImageTaskInput{ImageId: i.ImageId, Bucket: new(d.bucket())}
	},
	"CreateRestoreImageTask": func(d *driver) any {
		o, ok := pick(d, d.region().StoredImages(d.bucket()), nil)
		if !ok {
			return nil
		}
		return &ec2.CreateRestoreImageTaskInput{Bucket: new(d.bucket()), ObjectKey: &o.Key, Name: d.newName()}
	},
	"RestoreImageFromRecycleBin": func(d *driver) any {
		var ids []string
		d.region().do(func(s *store) {
			for _, b := range s.bin.images {
				ids = append(ids, b.thing.id)
			}
		})
		id, ok := pick(d, ids, nil)
		if !ok {
			return nil
		}
		return &ec2.RestoreImageFromRecycleBinInput{ImageId: &id}
	},
	"RestoreSnapshotFromRecycleBin": func(d *driver) any {
		var ids []string
		d.region().do(func(s *store) {
			for _, b := range s.bin.snapshots {
				ids = append(ids, b.thing.id)
			}
		})
		id, ok := pick(d, ids, nil)
		if !ok {
			return nil
		}
		return &ec2.RestoreSnapshotFromRecycleBinInput{SnapshotId: &id}
	},
	"CreateLaunchTemplate": func(d *driver) any {
		in := &ec2.CreateLaunchTemplateInput{LaunchTemplateName: d.newName(), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}}
		if image, ok := pick(d, d.known("ImageId"), nil); ok {
			in.LaunchTemplateData.ImageId = &image
		}
		return in
	},
	"CreateLaunchTemplateVersion": func(d *driver) any {
		t, ok := pick(d, d.region().Templates(), nil)
		if !ok {
			return nil
		}
		in := &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: t.LaunchTemplateId,
			LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"}}
		if d.IntN(2) == 0 {
			in.SourceVersion = new(fmt.Sprint(*t.LatestVersionNumber))
		}
		return in
	},
	"ModifyLaunchTemplate": func(d *driver) any {
		t, ok := pick(d, d.region().Templates(), nil)
		if !ok {
			return nil
		}
		return &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: t.LaunchTemplateId, DefaultVersion: new(fmt.Sprint(*t.LatestVersionNumber))}
	},
	"RunInstances": func(d *driver) any {
		i, ok := pick(d, d.region().Images(), func(i ec2types.Image) bool { return i.State == ec2types.ImageStateAvailable })
		if !ok {
			return nil
		}
		return &ec2.RunInstancesInput{ImageId: i.ImageId, InstanceType: "t3.micro", MinCount: new(int32(1)), MaxCount: new(int32(1))}
	},
	"PutParameter": func(d *driver) any {
		in := &ssm.PutParameterInput{Name: new("/" + *d.newName()), Value: new("v"), Type: ssmtypes.ParameterTypeString}
		if image, ok := pick(d, d.known("ImageId"), nil); ok && d.IntN(2) == 0 {
			in.Value, in.DataType = &image, new(dataImage)
		}
		return in
	},
	"LabelParameterVersion": func(d *driver) any {
		p, ok := pick(d, d.region().Parameters(), nil)
		if !ok {
			return nil
		}
		return &ssm.LabelParameterVersionInput{Name: &p.Name, Labels: []string{"stable"}}
	},
	"DescribeLaunchTemplateVersions": func(d *driver) any {
		t, ok := pick(d, d.region().Templates(), nil)
		if !ok {
			return nil
		}
		return &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: t.LaunchTemplateId}
	},
	"DeleteImageUsageReport": func(d *driver) any {
		id, ok := pick(d, d.known("ReportId"), nil)
		if !ok {
			return nil
		}
		return &ec2.DeleteImageUsageReportInput{ReportId: &id}
	},
	"CreateSubnet": func(d *driver) any {
		vpc, ok := pick(d, d.known("VpcId"), nil)
		if !ok {
			return nil
		}
		return &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: new(fmt.Sprintf("172.31.%d.0/24", 128+d.IntN(64)))}
	},
	"DeleteVpc": func(d *driver) any {
		vpc, ok := pick(d, d.known("VpcId"), nil)
		if !ok {
			return nil
		}
		return &ec2.DeleteVpcInput{VpcId: &vpc}
	},
	"GetParameterHistory": func(d *driver) any {
		p, ok := pick(d, d.region().Parameters(), nil)
		if !ok {
			return nil
		}
		return &ssm.GetParameterHistoryInput{Name: &p.Name}
	},
	"GetParameter": func(d *driver) any {
		p, ok := pick(d, d.region().Parameters(), nil)
		if !ok {
			return nil
		}
		return &ssm.GetParameterInput{Name: &p.Name}
	},
	"CreateLaunchConfiguration": func(d *driver) any {
		image, ok := pick(d, d.known("ImageId"), nil)
		if !ok {
			return nil
		}
		return &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: d.newName(), ImageId: &image, InstanceType: new("t3.micro")}
	},
	"DeleteLaunchConfiguration": func(d *driver) any {
		name, ok := pick(d, d.known("LaunchConfigurationName"), nil)
		if !ok {
			return nil
		}
		return &autoscaling.DeleteLaunchConfigurationInput{LaunchConfigurationName: &name}
	},
	"CreateAutoScalingGroup": func(d *driver) any {
		t, ok := pick(d, d.region().Templates(), nil)
		subnets := d.region().Network().Subnets
		if !ok || len(subnets) == 0 {
			return nil
		}
		return &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: d.newName(), MinSize: new(int32(0)), MaxSize: new(int32(3)),
			DesiredCapacity: new(int32(d.IntN(3))), VPCZoneIdentifier: &subnets[0],
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: t.LaunchTemplateId, Version: new("1")}}
	},
	"PutLifecycleHook": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), nil)
		if !ok {
			return nil
		}
		return &autoscaling.PutLifecycleHookInput{AutoScalingGroupName: g.AutoScalingGroupName, LifecycleHookName: new([]string{"a", "b"}[d.IntN(2)]),
			LifecycleTransition: new([]string{hookLaunching, hookTerminating}[d.IntN(2)]), HeartbeatTimeout: new(int32(7200))}
	},
	"UpdateAutoScalingGroup": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), nil)
		if !ok {
			return nil
		}
		return &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: g.AutoScalingGroupName, MaxSize: new(*g.MaxSize + int32(d.IntN(2)))}
	},
	"SetDesiredCapacity": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), nil)
		if !ok {
			return nil
		}
		size := *g.MinSize + int32(d.IntN(int(*g.MaxSize-*g.MinSize)+1))
		return &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: g.AutoScalingGroupName, DesiredCapacity: &size}
	},
	"TerminateInstanceInAutoScalingGroup": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), func(g astypes.AutoScalingGroup) bool { return len(g.Instances) > 0 })
		if !ok {
			return nil
		}
		return &autoscaling.TerminateInstanceInAutoScalingGroupInput{InstanceId: g.Instances[0].InstanceId, ShouldDecrementDesiredCapacity: new(false)}
	},
	"CompleteLifecycleAction": func(d *driver) any {
		group, a, ok := d.waitingIn()
		if !ok {
			return nil
		}
		return &autoscaling.CompleteLifecycleActionInput{AutoScalingGroupName: &group, LifecycleHookName: &a.Hook, InstanceId: &a.InstanceID,
			LifecycleActionResult: new([]string{resultContinue, resultAbandon}[d.IntN(2)])}
	},
	"RecordLifecycleActionHeartbeat": func(d *driver) any {
		group, a, ok := d.waitingIn()
		if !ok {
			return nil
		}
		return &autoscaling.RecordLifecycleActionHeartbeatInput{AutoScalingGroupName: &group, LifecycleHookName: &a.Hook, LifecycleActionToken: &a.Token}
	},
	"CreateVolume": func(d *driver) any {
		return &ec2.CreateVolumeInput{AvailabilityZone: new(d.at.region + "a"), Size: new(int32(1 + d.IntN(9)))}
	},
	"AttachVolume": func(d *driver) any {
		v := d.freeVolume()
		i, ok := pick(d, d.region().Instances(), func(i ec2types.Instance) bool {
			return i.State.Name == ec2types.InstanceStateNameRunning && *i.Placement.AvailabilityZone == d.at.region+"a"
		})
		if v == nil || !ok {
			return nil
		}
		return &ec2.AttachVolumeInput{VolumeId: v, InstanceId: i.InstanceId, Device: new(fmt.Sprintf("/dev/xvd%c", 'f'+d.IntN(20)))}
	},
	"DetachVolume": func(d *driver) any {
		i, ok := pick(d, d.region().Instances(), func(i ec2types.Instance) bool { return len(i.BlockDeviceMappings) > 1 })
		if !ok {
			return nil
		}
		return &ec2.DetachVolumeInput{VolumeId: i.BlockDeviceMappings[1].Ebs.VolumeId}
	},
	"DeleteVolume": func(d *driver) any {
		if id := d.freeVolume(); id != nil {
			return &ec2.DeleteVolumeInput{VolumeId: id}
		}
		return nil
	},
	"StartInstanceRefresh": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), func(g astypes.AutoScalingGroup) bool { return g.LaunchTemplate != nil && len(g.Instances) > 0 })
		if !ok {
			return nil
		}
		t := g.LaunchTemplate.LaunchTemplateId
		versions := d.region().TemplateVersions(*t)
		if len(versions) == 0 {
			return nil
		}
		return refreshTo(*g.AutoScalingGroupName, *t, *versions[d.IntN(len(versions))].VersionNumber)
	},
	"CancelInstanceRefresh": func(d *driver) any {
		return &autoscaling.CancelInstanceRefreshInput{AutoScalingGroupName: d.refreshing()}
	},
	"RollbackInstanceRefresh": func(d *driver) any {
		return &autoscaling.RollbackInstanceRefreshInput{AutoScalingGroupName: d.refreshing()}
	},
	"SetInstanceProtection": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), func(g astypes.AutoScalingGroup) bool { return len(g.Instances) > 0 })
		if !ok {
			return nil
		}
		return &autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: g.AutoScalingGroupName,
			InstanceIds: []string{*g.Instances[0].InstanceId}, ProtectedFromScaleIn: new(d.IntN(2) == 0)}
	},
	"SetInstanceHealth": func(d *driver) any {
		g, ok := pick(d, d.region().Groups(), func(g astypes.AutoScalingGroup) bool { return len(g.Instances) > 0 })
		if !ok {
			return nil
		}
		return &autoscaling.SetInstanceHealthInput{InstanceId: g.Instances[0].InstanceId, HealthStatus: new([]string{"Healthy", "Unhealthy"}[d.IntN(2)])}
	},
}

// neverSucceed are operations that the driver is known to get nothing out of,
// with the reason.
var neverSucceed = map[string]string{}

// neverSucceeded are the operations that no call of a test succeeded with and
// that have no reason for it: what holds after each call was not tried on them.
func neverSucceeded(succeeded map[string]int) (never []string) {
	for _, in := range registered() {
		if name := registry[in].name; succeeded[name] == 0 && neverSucceed[name] == "" {
			never = append(never, name)
		}
	}
	return never
}

// input is an input of a type, plausible as a whole or set at random.
func (d *driver) input(in reflect.Value, op *operation) reflect.Value {
	if make := plausible[op.name]; make != nil && d.IntN(3) > 0 {
		if whole := make(d); whole != nil {
			return reflect.ValueOf(whole)
		}
	}
	d.fill(in.Elem(), op)
	return in
}

func (d *driver) region() *Region { return d.cloud.Account(d.at.account).Region(d.at.region) }

func (d *driver) newName() *string {
	d.made++
	return new(fmt.Sprintf("%s-%d", d.prefix, d.made))
}

// ownSnapshot is the id of one of the caller's; nil: there is none such.
func (d *driver) ownSnapshot(fits func(ec2types.Snapshot) bool) *string {
	n, _ := pick(d, d.region().Snapshots(), func(n ec2types.Snapshot) bool { return *n.OwnerId == d.at.account && fits(n) })
	return n.SnapshotId
}

// bucket is one of the caller's in its Region.
func (d *driver) bucket() string {
	name := "images-" + d.at.account + "-" + d.at.region
	d.region().Bucket(name)
	return name
}

// refreshTo begins a refresh of a group, with a bake time so that others meet it.
func refreshTo(group, template string, version int64) *autoscaling.StartInstanceRefreshInput {
	return &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: &group,
		Preferences: &astypes.RefreshPreferences{BakeTime: new(int32(3600)), MinHealthyPercentage: new(int32(0))},
		DesiredConfiguration: &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{
			LaunchTemplateId: &template, Version: new(fmt.Sprint(version))}}}
}

// refreshing is a group with a refresh that can be rolled back: one is begun
// where there is none.
func (d *driver) refreshing() *string {
	g, ok := pick(d, d.region().Groups(), func(g astypes.AutoScalingGroup) bool {
		all := d.region().Refreshes(*g.AutoScalingGroupName)
		return len(all) > 0 && all[0].DesiredConfiguration != nil && slices.Contains([]astypes.InstanceRefreshStatus{
			astypes.InstanceRefreshStatusPending, astypes.InstanceRefreshStatusInProgress, astypes.InstanceRefreshStatusBaking}, all[0].Status)
	})
	if ok {
		return g.AutoScalingGroupName
	}
	made := d.region().Group(GroupSeed{Name: *d.newName()})
	d.region().HoldPending(made.Name) // or it would be over by the next call, where nothing takes time
	// It may be refused by a fault of the test's; then what follows is too.
	_, _ = autoscaling.NewFromConfig(d.region().Config()).StartInstanceRefresh(context.Background(), refreshTo(made.Name, made.TemplateID, 1))
	return &made.Name
}

// freeVolume is a volume that has outlived its instance: one is left behind where
// there is none, which may take until another call asks.
func (d *driver) freeVolume() *string {
	free := func(v ec2types.Volume) bool { return v.State == ec2types.VolumeStateAvailable }
	v, ok := pick(d, d.region().Volumes(), free)
	if !ok {
		client := ec2.NewFromConfig(d.region().Config())
		image := d.region().OwnImage(ImageSeed{Name: *d.newName()})
		out, err := client.RunInstances(context.Background(), &ec2.RunInstancesInput{ImageId: &image, MinCount: new(int32(1)), MaxCount: new(int32(1)),
			BlockDeviceMappings: []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), Ebs: &ec2types.EbsBlockDevice{DeleteOnTermination: new(false)}}}})
		if err != nil {
			return nil // a fault of the test's
		}
		_, _ = client.TerminateInstances(context.Background(), &ec2.TerminateInstancesInput{InstanceIds: []string{*out.Instances[0].InstanceId}})
		v, _ = pick(d, d.region().Volumes(), free)
	}
	return v.VolumeId
}

// waitingIn is an instance that waits for a hook, and its group: a new one where
// none does.
func (d *driver) waitingIn() (group string, a LifecycleAction, ok bool) {
	fits := func(g astypes.AutoScalingGroup) bool {
		return len(d.region().LifecycleActions(*g.AutoScalingGroupName)) > 0
	}
	g, ok := pick(d, d.region().Groups(), fits)
	if !ok {
		d.region().Group(GroupSeed{Name: *d.newName(), Size: 1, Customize: func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LifecycleHookSpecificationList = []astypes.LifecycleHookSpecification{{
				LifecycleHookName: new("a"), LifecycleTransition: new(hookLaunching), HeartbeatTimeout: new(int32(7200))}}
		}})
		if g, ok = pick(d, d.region().Groups(), fits); !ok {
			return "", a, false // it is still starting
		}
	}
	a, ok = pick(d, d.region().LifecycleActions(*g.AutoScalingGroupName), nil)
	return *g.AutoScalingGroupName, a, ok
}

// pick is one of the things that fit; nil fits all.
func pick[T any](d *driver, all []T, fits func(T) bool) (one T, ok bool) {
	if fits != nil {
		all = slices.DeleteFunc(slices.Clone(all), func(v T) bool { return !fits(v) })
	}
	if len(all) == 0 {
		return one, false
	}
	return all[d.IntN(len(all))], true
}
