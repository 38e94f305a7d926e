package awstest_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func TestGroupErrors(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	image := f.region.PublicImage("base")
	_, err := f.as.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("old"), ImageId: new(image), InstanceType: new("t3.micro"),
	})
	require.NoError(t, err)
	template := func(data *ec2types.RequestLaunchTemplateData) *astypes.LaunchTemplateSpecification {
		out, err := f.ec2.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: new(f.group.TemplateID), LaunchTemplateData: data,
		})
		require.NoError(t, err)
		return &astypes.LaunchTemplateSpecification{
			LaunchTemplateId: new(f.group.TemplateID), Version: new(fmt.Sprint(*out.LaunchTemplateVersion.VersionNumber)),
		}
	}
	for name, test := range map[string]struct {
		change func(*autoscaling.CreateAutoScalingGroupInput)
		code   string
		text   string
	}{
		"name taken":        {func(in *autoscaling.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = new("web") }, "AlreadyExists", "already exists"},
		"colon in the name": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = new("a:b") }, "ValidationError", "a:b"},
		"space in the name": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = new("a b") }, "ValidationError", "a b"},
		"name too long": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.AutoScalingGroupName = new(strings.Repeat("a", 256))
		}, "ValidationError", "255"},
		"no launch source":   {func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchTemplate = nil }, "ValidationError", "Valid requests must contain either LaunchTemplate"},
		"two launch sources": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchConfigurationName = new("old") }, "ValidationError", "Valid requests must contain either LaunchTemplate"},
		"unknown configuration": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LaunchTemplate, in.LaunchConfigurationName = nil, new("none")
		}, "ValidationError", "Launch configuration name not found"},
		"maximum below minimum": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.MinSize = new(int32(5)) }, "ValidationError", "Max bound, 3, must be greater than or equal to min bound, 5"},
		"desired above maximum": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.DesiredCapacity = new(int32(4)) }, "ValidationError", "Desired capacity:4 must be between the specified min size:1 and max size:3"},
		"negative":              {func(in *autoscaling.CreateAutoScalingGroupInput) { in.MinSize = new(int32(-1)) }, "ValidationError", "negative"},
		"no subnet":             {func(in *autoscaling.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = nil }, "ValidationError", "At least one Availability Zone or VPC Subnet is required."},
		"unknown subnet":        {func(in *autoscaling.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = new("subnet-1") }, "ValidationError", "The subnet ID 'subnet-1' does not exist"},
		"unknown zone": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.AvailabilityZones = []string{home + "z"}
			in.VPCZoneIdentifier = nil
		}, "ValidationError", "Invalid availability zones"},
		"zone of another subnet": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.AvailabilityZones = []string{home + "c"} }, "ValidationError", "do not match"},
		"unknown health check":   {func(in *autoscaling.CreateAutoScalingGroupInput) { in.HealthCheckType = new("ELB,NONE") }, "ValidationError", "NONE"},
		"warm-up too long":       {func(in *autoscaling.CreateAutoScalingGroupInput) { in.DefaultInstanceWarmup = new(int32(3601)) }, "ValidationError", "DefaultInstanceWarmup"},
		"half a policy": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(90))}
		}, "ValidationError", "Both"},
		"wide policy": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.InstanceMaintenancePolicy = &astypes.InstanceMaintenancePolicy{MinHealthyPercentage: new(int32(0)), MaxHealthyPercentage: new(int32(200))}
		}, "ValidationError", "difference"},
		"reserved tag": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.Tags = []astypes.Tag{{Key: new("aws:x")}} }, "ValidationError", "reserved"},
		"tag twice": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.Tags = []astypes.Tag{{Key: new("x")}, {Key: new("x")}}
		}, "ValidationError", "Duplicate"},
		"tag of another": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.Tags = []astypes.Tag{{Key: new("x"), ResourceId: new("web")}}
		}, "ValidationError", "web"},
		"id and name": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchTemplate.LaunchTemplateName = new("web") }, "ValidationError", "Valid requests must contain either launchTemplateId or LaunchTemplateName"},
		"unknown template": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LaunchTemplate.LaunchTemplateId = new("lt-00000000000000000")
		}, "ValidationError", "You must use a valid fully-formed launch template. The specified launch template"},
		"unknown version":    {func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchTemplate.Version = new("99") }, "ValidationError", "Could not find the specified version 99"},
		"word for a version": {func(in *autoscaling.CreateAutoScalingGroupInput) { in.LaunchTemplate.Version = new("newest") }, "ValidationError", "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed."},
		"unknown image": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LaunchTemplate = template(&ec2types.RequestLaunchTemplateData{ImageId: new("ami-00000000000000000"), InstanceType: "t3.micro"})
		}, "ValidationError", "You must use a valid fully-formed launch template. The image id '[ami-00000000000000000]' does not exist"},
		"no image": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LaunchTemplate = template(&ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"})
		}, "ValidationError", "The request must contain the parameter ImageId"},
		"unknown key": {func(in *autoscaling.CreateAutoScalingGroupInput) {
			in.LaunchTemplate = template(&ec2types.RequestLaunchTemplateData{ImageId: new(image), KeyName: new("none")})
		}, "ValidationError", "The key pair 'none' does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &autoscaling.CreateAutoScalingGroupInput{
				AutoScalingGroupName: new("new"), MinSize: new(int32(1)), MaxSize: new(int32(3)),
				VPCZoneIdentifier: new(f.region.Network().Subnets[0]),
				LaunchTemplate:    &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(f.group.TemplateID), Version: new("1")},
			}
			test.change(in)
			_, err := f.as.CreateAutoScalingGroup(t.Context(), in)
			assert.Equal(t, test.code, codeOf(err), "%v", err)
			assert.ErrorContains(t, err, test.text)
			assert.Len(t, f.region.Groups(), 1, "nothing was made")
		})
	}
}

func TestGroupUpdateErrors(t *testing.T) {
	f := newFleet(t, 2, awstest.Instant)
	for name, test := range map[string]struct {
		in   autoscaling.UpdateAutoScalingGroupInput
		text string
	}{
		"unknown":            {autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("other")}, "AutoScalingGroup name not found - null"},
		"desired too large":  {autoscaling.UpdateAutoScalingGroupInput{DesiredCapacity: new(int32(9))}, "Desired capacity:9"},
		"maximum too small":  {autoscaling.UpdateAutoScalingGroupInput{MaxSize: new(int32(1))}, "Max bound"},
		"two launch sources": {autoscaling.UpdateAutoScalingGroupInput{LaunchConfigurationName: new("x"), LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web")}}, "Valid requests"},
		"unknown version":    {autoscaling.UpdateAutoScalingGroupInput{LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web"), Version: new("2")}}, "version 2"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.in.AutoScalingGroupName == nil {
				test.in.AutoScalingGroupName = new("web")
			}
			before := f.describe()
			_, err := f.as.UpdateAutoScalingGroup(t.Context(), &test.in)
			assert.Equal(t, "ValidationError", codeOf(err))
			assert.ErrorContains(t, err, test.text)
			assert.Equal(t, before, f.describe())
		})
	}
}

func TestGroupIsAnsweredAsAWSDoes(t *testing.T) {
	f := newFleet(t, 2, awstest.Instant)
	g := f.describe()
	assert.Equal(t, &astypes.LaunchTemplateSpecification{
		LaunchTemplateId: new(f.group.TemplateID), LaunchTemplateName: new("web"), Version: new("1"),
	}, g.LaunchTemplate)
	assert.Equal(t, []int32{2, 4, 2, 300, 0}, []int32{*g.MinSize, *g.MaxSize, *g.DesiredCapacity, *g.DefaultCooldown, *g.HealthCheckGracePeriod})
	assert.Nil(t, g.DefaultInstanceWarmup)
	assert.Nil(t, g.Status)
	assert.Equal(t, "EC2", *g.HealthCheckType)
	assert.Equal(t, []string{home + "a", home + "b", home + "c"}, g.AvailabilityZones)
	require.Len(t, g.Instances, 2)
	assert.NotEqual(t, *g.Instances[0].AvailabilityZone, *g.Instances[1].AvailabilityZone, "spread over the zones")

	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"), LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web")},
	})
	require.NoError(t, err)
	g = f.describe()
	assert.Nil(t, g.LaunchTemplate.Version, "none was given")
	assert.Equal(t, f.group.TemplateID, *g.LaunchTemplate.LaunchTemplateId)
	assert.Equal(t, "1", *g.Instances[0].LaunchTemplate.Version)

	out, err := f.ec2.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{*g.Instances[0].InstanceId}})
	require.NoError(t, err)
	tags := map[string]string{}
	for _, tag := range out.Reservations[0].Instances[0].Tags {
		tags[*tag.Key] = *tag.Value
	}
	assert.Equal(t, map[string]string{
		"aws:autoscaling:groupName": "web", "aws:ec2launchtemplate:id": f.group.TemplateID, "aws:ec2launchtemplate:version": "1", "team": "a",
	}, tags)
}

func TestLatestIsWhatItIsAtTheLaunch(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"),
		LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web"), Version: new("$Latest")},
	})
	require.NoError(t, err)
	f.version("next")
	assert.Equal(t, "1", *f.describe().Instances[0].LaunchTemplate.Version, "what runs stays")
	_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(2))})
	require.NoError(t, err)
	g := f.describe()
	assert.Equal(t, "2", *g.Instances[1].LaunchTemplate.Version)
	assert.Equal(t, "$Latest", *g.LaunchTemplate.Version)
}

func TestGroupMovesFromALaunchConfigurationAndBack(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	_, err := f.as.CreateLaunchConfiguration(t.Context(), &autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("old"), ImageId: new(f.region.PublicImage("base")), InstanceType: new("t3.micro"),
		SecurityGroups: f.region.Network().SecurityGroups, KeyName: new("default"), UserData: new("IyEvYmluL3No"),
		BlockDeviceMappings: []astypes.BlockDeviceMapping{{DeviceName: new("/dev/sdb"), Ebs: &astypes.Ebs{VolumeSize: new(int32(9)), VolumeType: new("gp3")}}},
	})
	require.NoError(t, err)
	lcs, err := f.as.DescribeLaunchConfigurations(t.Context(), &autoscaling.DescribeLaunchConfigurationsInput{LaunchConfigurationNames: []string{"old", "none"}})
	require.NoError(t, err)
	require.Len(t, lcs.LaunchConfigurations, 1)
	assert.Equal(t, "IyEvYmluL3No", *lcs.LaunchConfigurations[0].UserData)
	assert.True(t, *lcs.LaunchConfigurations[0].InstanceMonitoring.Enabled)

	_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
		AutoScalingGroupName: new("web"), LaunchConfigurationName: new("old"), DesiredCapacity: new(int32(2)),
	})
	require.NoError(t, err)
	g := f.describe()
	assert.Nil(t, g.LaunchTemplate)
	assert.Equal(t, "old", *g.LaunchConfigurationName)
	assert.Equal(t, "old", *g.Instances[1].LaunchConfigurationName)
	assert.Nil(t, g.Instances[1].LaunchTemplate)

	f.start(f.version("next"), nil) // a refresh takes it back
	assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.read().Status)
	g = f.describe()
	assert.Nil(t, g.LaunchConfigurationName)
	assert.Equal(t, "2", *g.LaunchTemplate.Version)

	for range 2 { // and so do updates
		_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), LaunchConfigurationName: new("old")})
		require.NoError(t, err)
		_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateName: new("web")}})
		require.NoError(t, err)
		assert.Nil(t, f.describe().LaunchConfigurationName)
	}
}

func TestLaunchConfigurationErrors(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	good := autoscaling.CreateLaunchConfigurationInput{
		LaunchConfigurationName: new("old"), ImageId: new(f.region.PublicImage("base")), InstanceType: new("t3.micro"),
	}
	_, err := f.as.CreateLaunchConfiguration(t.Context(), &good)
	require.NoError(t, err)
	for name, test := range map[string]struct {
		change func(*autoscaling.CreateLaunchConfigurationInput)
		code   string
		text   string
	}{
		"taken":         {func(in *autoscaling.CreateLaunchConfigurationInput) { in.LaunchConfigurationName = new("old") }, "AlreadyExists", "already exists"},
		"no image":      {func(in *autoscaling.CreateLaunchConfigurationInput) { in.ImageId = nil }, "ValidationError", "ImageId"},
		"unknown image": {func(in *autoscaling.CreateLaunchConfigurationInput) { in.ImageId = new("ami-00000000000000000") }, "ValidationError", "AMI ami-00000000000000000 is invalid: The image id"},
		"unknown key":   {func(in *autoscaling.CreateLaunchConfigurationInput) { in.KeyName = new("none") }, "ValidationError", "none"},
	} {
		t.Run(name, func(t *testing.T) {
			in := good
			in.LaunchConfigurationName = new("new")
			test.change(&in)
			_, err := f.as.CreateLaunchConfiguration(t.Context(), &in)
			assert.Equal(t, test.code, codeOf(err))
			assert.ErrorContains(t, err, test.text)
		})
	}
}

func TestGroupKeepsItsCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 3, wholeSeconds)
		lost := f.describe().Instances[0]
		_, err := f.ec2.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{*lost.InstanceId}})
		require.NoError(t, err)
		assert.Equal(t, awstest.Capacity{Desired: 3, Live: 3, InService: 2, Ready: 2}, f.region.Capacity("web"), "replaced at once")
		time.Sleep(45 * time.Second)
		assert.Equal(t, awstest.Capacity{Desired: 3, Live: 3, InService: 3, Ready: 3}, f.region.Capacity("web"))

		out, err := f.as.DescribeScalingActivities(t.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: new("web")})
		require.NoError(t, err)
		assert.Equal(t, "At 2000-01-01T00:00:00Z an instance was launched in response to an unhealthy instance needing to be replaced.", *out.Activities[0].Cause)
		assert.Equal(t, "Terminating EC2 instance: "+*lost.InstanceId, *out.Activities[1].Description)
		assert.Equal(t, "At 2000-01-01T00:00:00Z an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.", *out.Activities[1].Cause)
		for _, a := range out.Activities {
			assert.Equal(t, astypes.ScalingActivityStatusCodeSuccessful, a.StatusCode)
		}
	})
}

func TestGroupReplacesUnhealthyInstancesAfterTheGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.cloud.NeverHealthy(awstest.ImageMatch{Name: "awstest-base"})
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(2)), HealthCheckGracePeriod: new(int32(120)),
		})
		require.NoError(t, err)
		time.Sleep(119 * time.Second)
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 2, InService: 2, Ready: 1}, f.region.Capacity("web"))
		time.Sleep(2 * time.Second)
		assert.Equal(t, awstest.Capacity{Desired: 2, Live: 1, InService: 1, Ready: 1}, f.region.Capacity("web"))
		assert.Equal(t, "Unhealthy", *f.describe().Instances[1].HealthStatus)
	})
}

func TestLaunchOfADeregisteredImageIsAFailedActivity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(wholeSeconds))
		region := cloud.Region(home)
		image := region.OwnImage(awstest.ImageSeed{Name: "golden"})
		f := &fleet{t: t, region: region, as: autoscaling.NewFromConfig(cloud.Config(home)), ec2: ec2.NewFromConfig(cloud.Config(home))}
		f.group = region.Group(awstest.GroupSeed{Name: "web", ImageID: image})
		_, err := f.ec2.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: new(image)})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		_, err = f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(2))})
		require.NoError(t, err, "sizes change without a look at the template")
		time.Sleep(time.Minute + time.Second)

		out, err := f.as.DescribeScalingActivities(t.Context(), &autoscaling.DescribeScalingActivitiesInput{
			AutoScalingGroupName: new("web"), Filters: []astypes.Filter{{Name: new("Status"), Values: []string{"Failed"}}},
		})
		require.NoError(t, err)
		require.Len(t, out.Activities, 2, "one attempt a minute")
		a := out.Activities[1]
		assert.Contains(t, *a.StatusMessage, image)
		assert.True(t, strings.HasSuffix(*a.StatusMessage, "Launching EC2 instance failed."), *a.StatusMessage)
		assert.Equal(t, "Launching a new EC2 instance.  Status Reason: "+*a.StatusMessage, *a.Description)
		assert.Equal(t, "At 2000-01-01T00:01:00Z a user request update of AutoScalingGroup constraints to min: 1, max: 2, desired: 2 "+
			"changing the desired capacity from 1 to 2.  At 2000-01-01T00:01:00Z an instance was started in response to a difference "+
			"between desired and actual capacity, increasing the capacity from 1 to 2.", *a.Cause)
		assert.Equal(t, 1, f.region.Capacity("web").Live, "the capacity stays missing")
	})
}

func TestNewBoundsMoveTheDesiredCapacity(t *testing.T) {
	f := newFleet(t, 3, awstest.Instant)
	for _, test := range []struct{ least, most, want int32 }{{6, 6, 6}, {1, 3, 3}, {1, 2, 2}} {
		_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: new("web"), MinSize: new(test.least), MaxSize: new(test.most),
		})
		require.NoError(t, err)
		g := f.describe()
		assert.Equal(t, test.want, *g.DesiredCapacity)
		require.Len(t, g.Instances, int(test.want))
		zones := map[string]int{}
		for _, i := range g.Instances {
			zones[*i.AvailabilityZone]++
		}
		assert.Len(t, zones, min(3, int(test.want)), "spread over the zones")
	}
	cause := f.region.Activities("web")[0].Cause
	assert.Contains(t, *cause, "shrinking the capacity from 3 to 2.")
	assert.Contains(t, *cause, "was selected for termination.")
}

func TestGroupsAreFoundByNameTagAndPage(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	for i := range 4 {
		f.region.Group(awstest.GroupSeed{Name: fmt.Sprintf("g%d", i), Tags: map[string]string{"team": "b", "n": fmt.Sprint(i)}})
	}
	names := func(in autoscaling.DescribeAutoScalingGroupsInput) (out []string) {
		pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(f.as, &in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			require.NoError(t, err)
			assert.LessOrEqual(t, len(page.AutoScalingGroups), 2)
			for _, g := range page.AutoScalingGroups {
				out = append(out, *g.AutoScalingGroupName)
				assert.Equal(t, in.IncludeInstances == nil, len(g.Instances) > 0)
			}
		}
		return out
	}
	two := new(int32(2))
	filter := func(name string, values ...string) []astypes.Filter {
		return []astypes.Filter{{Name: new(name), Values: values}}
	}
	assert.Equal(t, []string{"web", "g0", "g1", "g2", "g3"}, names(autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: two}))
	assert.Equal(t, []string{"web", "g0"}, names(autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: two, AutoScalingGroupNames: []string{"web", "none", "g0", "web"}, IncludeInstances: new(false)}))
	assert.Equal(t, []string{"g0", "g1", "g2", "g3"}, names(autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: two, Filters: filter("tag:team", "b")}))
	assert.Equal(t, []string{"g0", "g2"}, names(autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: two, Filters: filter("tag-value", "0", "2")}))
	assert.Equal(t, []string{"g0", "g1", "g2", "g3"}, names(autoscaling.DescribeAutoScalingGroupsInput{MaxRecords: two, Filters: filter("tag-key", "n")}))

	for _, in := range []autoscaling.DescribeAutoScalingGroupsInput{
		{Filters: filter("name", "web")}, {MaxRecords: new(int32(101))}, {AutoScalingGroupNames: make([]string, 51)},
	} {
		_, err := f.as.DescribeAutoScalingGroups(t.Context(), &in)
		assert.Equal(t, "ValidationError", codeOf(err))
	}
	_, err := f.as.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{NextToken: new("x")})
	var token *astypes.InvalidNextToken
	assert.ErrorAs(t, err, &token)
}

func TestGroupIsSeenToStartUnderSeenOnce(t *testing.T) {
	f := newFleet(t, 1, awstest.SeenOnce)
	_, err := f.as.UpdateAutoScalingGroup(t.Context(), &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: new("web"), DesiredCapacity: new(int32(2))})
	require.NoError(t, err)
	assert.Equal(t, astypes.LifecycleStatePending, f.describe().Instances[1].LifecycleState)
	assert.Equal(t, astypes.LifecycleStateInService, f.describe().Instances[1].LifecycleState)
}

func TestAnswersAreCopies(t *testing.T) {
	f := newFleet(t, 1, awstest.Instant)
	before := f.describe()
	g := f.describe()
	*g.Instances[0].InstanceId, *g.LaunchTemplate.Version, *g.Tags[0].Value, g.AvailabilityZones[0] = "x", "x", "x", "x"
	assert.Equal(t, before, f.describe())
}
