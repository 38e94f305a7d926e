package awstest_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/awstest"
)

func init() {
	two := func(w *fieldWorld) awstest.SeededGroup {
		w.ids["other"] = w.group("other").Instances[0]
		return w.group("web")
	}
	fields(func(w *fieldWorld) *autoscaling.TerminateInstanceInAutoScalingGroupInput {
		g := two(w)
		w.do(&autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &g.Name, MinSize: new(int32(0))})
		w.do(&autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("other"), MinSize: new(int32(0))})
		return &autoscaling.TerminateInstanceInAutoScalingGroupInput{InstanceId: &g.Instances[0], ShouldDecrementDesiredCapacity: new(false)}
	}, fieldValues{"InstanceId": made("other"), "ShouldDecrementDesiredCapacity": true})
	fields(func(w *fieldWorld) *autoscaling.SetInstanceProtectionInput {
		g := two(w)
		w.ids["second"] = g.Instances[1]
		w.do(&autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: &g.Name, InstanceIds: g.Instances, ProtectedFromScaleIn: new(true)})
		return &autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: &g.Name, InstanceIds: g.Instances[:1], ProtectedFromScaleIn: new(false)}
	}, fieldValues{"AutoScalingGroupName": refused{"ValidationError", "other"}, "InstanceIds": made("second"), "ProtectedFromScaleIn": true})
	fields(func(w *fieldWorld) *autoscaling.SetInstanceHealthInput {
		g := two(w)
		w.do(&autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &g.Name, HealthCheckGracePeriod: new(int32(3600))})
		// an instance that has just been launched, still within its grace period
		w.do(&autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &g.Name, DesiredCapacity: new(int32(3))})
		w.cloud.Advance(2 * time.Minute)
		all := w.do(&autoscaling.DescribeAutoScalingInstancesInput{}).(*autoscaling.DescribeAutoScalingInstancesOutput).AutoScalingInstances
		id := ""
		for _, i := range all {
			if *i.AutoScalingGroupName == g.Name && *i.InstanceId != g.Instances[0] && *i.InstanceId != g.Instances[1] {
				id = *i.InstanceId
			}
		}
		return &autoscaling.SetInstanceHealthInput{InstanceId: &id, HealthStatus: new("Unhealthy"), ShouldRespectGracePeriod: new(false)}
	}, fieldValues{"InstanceId": made("other"), "HealthStatus": "Healthy", "ShouldRespectGracePeriod": true})
	fields(func(w *fieldWorld) *autoscaling.DescribeAutoScalingInstancesInput {
		two(w)
		return &autoscaling.DescribeAutoScalingInstancesInput{}
	}, fieldValues{
		"InstanceIds": made("other"),
		"MaxRecords":  1,
		"NextToken":   nextOf(&autoscaling.DescribeAutoScalingInstancesInput{MaxRecords: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *autoscaling.DescribeAutoScalingGroupsInput {
		two(w)
		return &autoscaling.DescribeAutoScalingGroupsInput{}
	}, fieldValues{
		"AutoScalingGroupNames": "web",
		"Filters":               []astypes.Filter{{Name: new("tag-key"), Values: []string{"app"}}},
		"IncludeInstances":      false,
		"MaxRecords":            1,
		"NextToken":             nextOf(&autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *autoscaling.DescribeScalingActivitiesInput {
		g := two(w)
		w.cloud.Advance(time.Hour)
		for n := range 3 {
			w.do(&autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &g.Name, DesiredCapacity: new(int32(4 - n%2))})
			w.cloud.Advance(time.Hour)
		}
		gone := w.group("gone")
		w.do(&autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &gone.Name, ForceDelete: new(true)})
		w.cloud.Advance(time.Hour)
		all := w.do(&autoscaling.DescribeScalingActivitiesInput{}).(*autoscaling.DescribeScalingActivitiesOutput)
		w.ids["activity"] = *all.Activities[1].ActivityId
		return &autoscaling.DescribeScalingActivitiesInput{}
	}, fieldValues{
		"AutoScalingGroupName": "other",
		"ActivityIds":          made("activity"),
		"Filters":              []astypes.Filter{{Name: new("StartTimeLowerBound"), Values: []string{"2000-01-01T02:30:00Z"}}},
		"IncludeDeletedGroups": true,
		"MaxRecords":           1,
		"NextToken":            nextOf(&autoscaling.DescribeScalingActivitiesInput{MaxRecords: new(int32(1))}),
	})
	fields(func(w *fieldWorld) *autoscaling.DeleteAutoScalingGroupInput {
		for _, name := range []string{"web", "other"} {
			w.group(name)
			w.do(&autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &name, MinSize: new(int32(0)), DesiredCapacity: new(int32(0))})
		}
		w.cloud.Advance(time.Hour)
		return &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web")}
	}, fieldValues{"AutoScalingGroupName": "other"})
	fields(func(w *fieldWorld) *autoscaling.DeleteAutoScalingGroupInput {
		w.group("web")
		return &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: new("web"), ForceDelete: new(true)}
	}, fieldValues{"ForceDelete": refused{"ResourceInUse", false}})
}

func init() {
	configuration := func(w *fieldWorld, name string) *autoscaling.CreateLaunchConfigurationInput {
		if w.ids["golden"] == "" {
			w.ids["golden"], w.ids["new"] = w.image("golden"), w.image("new")
			w.ids["snapshot"] = w.snapshot(6)
			w.ids["group"] = w.region.SecurityGroup("web")
		}
		return &autoscaling.CreateLaunchConfigurationInput{LaunchConfigurationName: &name, ImageId: new(w.ids["golden"]), InstanceType: new("t3.micro")}
	}
	fields(func(w *fieldWorld) *autoscaling.CreateLaunchConfigurationInput { return configuration(w, "web") }, fieldValues{
		"LaunchConfigurationName":      "other",
		"ImageId":                      made("new"),
		"InstanceType":                 "t3.small",
		"KeyName":                      "default",
		"SecurityGroups":               made("group"),
		"AssociatePublicIpAddress":     true,
		"EbsOptimized":                 true,
		"IamInstanceProfile":           "web",
		"InstanceMonitoring.Enabled":   false,
		"KernelId":                     "aki-0123456789abcdef0",
		"RamdiskId":                    "ari-0123456789abcdef0",
		"MetadataOptions.HttpEndpoint": "disabled",
		"MetadataOptions.HttpPutResponseHopLimit": 3,
		"MetadataOptions.HttpTokens":              "required",
		"PlacementTenancy":                        "dedicated",
		"UserData":                                "aGVsbG8=",
	})
	fields(func(w *fieldWorld) *autoscaling.CreateLaunchConfigurationInput {
		in := configuration(w, "web")
		in.BlockDeviceMappings = []astypes.BlockDeviceMapping{{DeviceName: new("/dev/sdf"),
			Ebs: &astypes.Ebs{VolumeSize: new(int32(6)), VolumeType: new("gp3")}}}
		return in
	}, fieldValues{
		"BlockDeviceMappings.DeviceName":              "/dev/sdg",
		"BlockDeviceMappings.NoDevice":                true,
		"BlockDeviceMappings.VirtualName":             "ephemeral0",
		"BlockDeviceMappings.Ebs.DeleteOnTermination": false,
		"BlockDeviceMappings.Ebs.Encrypted":           true,
		"BlockDeviceMappings.Ebs.Iops":                4000,
		"BlockDeviceMappings.Ebs.SnapshotId":          made("snapshot"),
		"BlockDeviceMappings.Ebs.Throughput":          200,
		"BlockDeviceMappings.Ebs.VolumeSize":          7,
		"BlockDeviceMappings.Ebs.VolumeType":          "gp2",
	})
	fields(func(w *fieldWorld) *autoscaling.CreateLaunchConfigurationInput {
		w.ids["instance"] = w.region.PreparedInstance(awstest.InstanceSeed{Type: "t3.large"})
		return configuration(w, "web")
	}, fieldValues{"SpotPrice": "0.05", "InstanceId": made("instance")})
	fields(func(w *fieldWorld) *autoscaling.CreateAutoScalingGroupInput {
		w.ids["other"] = w.region.PreparedInstance(awstest.InstanceSeed{Type: "t3.large"})
		return &autoscaling.CreateAutoScalingGroupInput{AutoScalingGroupName: new("web"), MinSize: new(int32(1)), MaxSize: new(int32(1)),
			InstanceId: new(w.region.PreparedInstance(awstest.InstanceSeed{}))}
	}, fieldValues{"InstanceId": made("other")})
	fields(func(w *fieldWorld) *autoscaling.DeleteLaunchConfigurationInput {
		w.do(configuration(w, "web"))
		w.do(configuration(w, "other"))
		return &autoscaling.DeleteLaunchConfigurationInput{LaunchConfigurationName: new("web")}
	}, fieldValues{"LaunchConfigurationName": "other"})
	fields(func(w *fieldWorld) *autoscaling.DescribeLaunchConfigurationsInput {
		w.do(configuration(w, "web"))
		w.do(configuration(w, "other"))
		return &autoscaling.DescribeLaunchConfigurationsInput{}
	}, fieldValues{
		"LaunchConfigurationNames": "other",
		"MaxRecords":               1,
		"NextToken":                nextOf(&autoscaling.DescribeLaunchConfigurationsInput{MaxRecords: new(int32(1))}),
	})
}

// version is the next version of a template.
func (w *fieldWorld) version(name, image string) {
	w.do(&ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: &name,
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &image, InstanceType: "t3.micro"}})
}

func init() {
	start := func(w *fieldWorld) *autoscaling.StartInstanceRefreshInput {
		w.sources()
		w.region.Group(awstest.GroupSeed{Name: "other", Size: 2, TemplateID: w.ids["web"]})
		w.region.Group(awstest.GroupSeed{Name: "web", Size: 2, TemplateID: w.ids["web"]})
		return &autoscaling.StartInstanceRefreshInput{AutoScalingGroupName: new("web")}
	}
	look := func(w *fieldWorld) any { return asJSON([]string{w.refreshesOf("web"), w.refreshesOf("other")}) }
	fields(func(w *fieldWorld) *autoscaling.StartInstanceRefreshInput {
		in := start(w)
		in.DesiredConfiguration = &astypes.DesiredConfiguration{LaunchTemplate: &astypes.LaunchTemplateSpecification{
			LaunchTemplateId: new(w.ids["web"]), Version: new("2")}}
		in.Preferences = &astypes.RefreshPreferences{MinHealthyPercentage: new(int32(60)), MaxHealthyPercentage: new(int32(150)),
			CheckpointPercentages: []int32{50, 100}}
		return in
	}, fieldValues{
		"AutoScalingGroupName": "other",
		"Strategy":             refused{"ValidationError", "ReplaceRootVolume"},
		"DesiredConfiguration.LaunchTemplate.LaunchTemplateId":   made("other"),
		"DesiredConfiguration.LaunchTemplate.LaunchTemplateName": refused{"ValidationError", "other"},
		"DesiredConfiguration.LaunchTemplate.Version":            "1",
		"Preferences.MinHealthyPercentage":                       70,
		"Preferences.MaxHealthyPercentage":                       160,
		"Preferences.InstanceWarmup":                             60,
		"Preferences.CheckpointPercentages":                      []int32{100},
		"Preferences.CheckpointDelay":                            60,
		"Preferences.BakeTime":                                   60,
		"Preferences.SkipMatching":                               true,
		"Preferences.AutoRollback":                               true,
		"Preferences.ScaleInProtectedInstances":                  "Ignore",
		"Preferences.StandbyInstances":                           "Ignore",
		"Preferences.AlarmSpecification.Alarms":                  refused{"ValidationError", "none"},
	}, look)
	fields(func(w *fieldWorld) *autoscaling.StartInstanceRefreshInput {
		in := start(w)
		in.DesiredConfiguration = &astypes.DesiredConfiguration{MixedInstancesPolicy: w.policy()}
		return in
	}, policyValues("DesiredConfiguration.MixedInstancesPolicy"), look)
	fields(func(w *fieldWorld) *autoscaling.StartInstanceRefreshInput {
		in := start(w)
		in.DesiredConfiguration = &astypes.DesiredConfiguration{MixedInstancesPolicy: w.requirements()}
		return in
	}, requirementValues("DesiredConfiguration.MixedInstancesPolicy"), look)
}

// refreshesOf are a group's instance refreshes.
func (w *fieldWorld) refreshesOf(name string) string {
	return w.try(&autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: &name}).out
}
