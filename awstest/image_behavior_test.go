package awstest_test

import (
	"fmt"
	"slices"
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

// TestInstancesBehaveAsTheirImage looks at a group of one for two hours: how
// many instances it has had, and whether it is well in the end.
func TestInstancesBehaveAsTheirImage(t *testing.T) {
	for name, test := range map[string]struct {
		behavior awstest.Behavior
		checks   string
		grace    int32
		stays    bool
		cause    string // of the last termination
	}{
		"fine":                        {awstest.Behavior{}, "EC2", 0, true, ""},
		"never healthy":               {awstest.Behavior{NeverHealthy: true}, "EC2", 0, false, "in response to an EC2 instance status checks failure."},
		"never healthy, balanced":     {awstest.Behavior{NeverHealthy: true}, "ELB", 0, false, "in response to an ELB system health check failure."},
		"broken application":          {awstest.Behavior{NeverHealthy: true, Application: true}, "EC2", 0, true, ""},
		"broken application, seen":    {awstest.Behavior{NeverHealthy: true, Application: true}, "EC2,ELB", 0, false, "ELB"},
		"broken application, Lattice": {awstest.Behavior{NeverHealthy: true, Application: true}, "VPC_LATTICE", 0, false, "health check"},
		"within a long grace":         {awstest.Behavior{NeverHealthy: true}, "ELB", 9000, true, ""},
		"fails later":                 {awstest.Behavior{FailsAfter: 20 * time.Minute}, "EC2", 0, false, "EC2 instance status checks"},
		"slow boot":                   {awstest.Behavior{Boot: 10 * time.Minute}, "EC2", 0, true, ""},
		"slow boot, balanced":         {awstest.Behavior{Boot: 10 * time.Minute}, "ELB", 60, false, "ELB"},
		"slow boot, enough grace":     {awstest.Behavior{Boot: 10 * time.Minute}, "ELB", 900, true, ""},
		"flaps":                       {awstest.Behavior{Flaps: 5 * time.Minute}, "ELB", 0, false, "ELB"},
		"flaps within grace":          {awstest.Behavior{Flaps: 5 * time.Minute}, "ELB", 9000, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, wholeSeconds)
				id := f.region.OwnImage(awstest.ImageSeed{Name: "golden"})
				f.region.Behave(id, test.behavior)
				template := f.region.Template(awstest.TemplateSeed{Name: "golden", ImageID: id})
				_, err := f.as.CreateAutoScalingGroup(t.Context(), &autoscaling.CreateAutoScalingGroupInput{
					AutoScalingGroupName: new("api"), MinSize: new(int32(1)), MaxSize: new(int32(1)), VPCZoneIdentifier: new(f.region.Network().Subnets[0]),
					LaunchTemplate:  &astypes.LaunchTemplateSpecification{LaunchTemplateId: new(template)},
					HealthCheckType: new(test.checks), HealthCheckGracePeriod: new(test.grace),
				})
				require.NoError(t, err)
				time.Sleep(2 * time.Hour)
				activities := f.region.Activities("api")
				i := slices.IndexFunc(activities, func(a astypes.Activity) bool { return (*a.Description)[:11] == "Terminating" })
				if test.stays {
					assert.Len(t, activities, 1)
					assert.Equal(t, 1, f.region.Capacity("api").InService)
					return
				}
				require.GreaterOrEqual(t, i, 0, "it has been replaced")
				assert.Contains(t, *activities[i].Cause, test.cause)
			})
		})
	}
}

func TestSlowBootDelaysReadiness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		to := f.version("slow")
		f.region.Behave(f.region.PublicImage("slow"), awstest.Behavior{Boot: 10 * time.Minute})
		begun := time.Now()
		f.start(to, nil)
		assert.Equal(t, astypes.InstanceRefreshStatusSuccessful, f.run(anyway).Status)
		assert.Greater(t, time.Since(begun), 10*time.Minute)
	})
}

func TestInstancesThatNeverStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		f.cloud.Behave(awstest.ImageMatch{Name: "dead*"}, awstest.Behavior{NeverStarts: true})
		f.start(f.version("dead"), nil)
		r := f.run(anyway)
		assert.Equal(t, astypes.InstanceRefreshStatusFailed, r.Status)
		failed := 0
		for _, a := range f.region.Activities("web") {
			if a.StatusCode == astypes.ScalingActivityStatusCodeFailed {
				failed++
				assert.Equal(t, "Instance became unhealthy while waiting for instance to be in InService state. "+
					"Termination Reason: Server.InternalError: Internal error on launch", *a.StatusMessage)
			}
		}
		assert.Greater(t, failed, 10, "it was tried again for an hour")
		out, err := f.ec2.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: new(f.region.PublicImage("dead")), MinCount: new(int32(1)), MaxCount: new(int32(1)), InstanceType: "t3.micro"})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		for _, i := range f.region.Instances() {
			if *i.InstanceId == *out.Instances[0].InstanceId {
				assert.Equal(t, "terminated", string(i.State.Name))
				assert.Equal(t, "Server.InternalError", *i.StateReason.Code)
			}
		}
	})
}

func TestBehaviorGoesWithCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1, wholeSeconds)
		id := f.region.OwnImage(awstest.ImageSeed{Name: "golden"})
		before := copyTo(t, f.ec2, ec2.CopyImageInput{Name: new("before"), SourceImageId: &id, SourceRegion: new(home)})
		f.region.Behave(id, awstest.Behavior{NeverHealthy: true})
		after := copyTo(t, f.ec2, ec2.CopyImageInput{Name: new("after"), SourceImageId: &id, SourceRegion: new(home)})
		time.Sleep(time.Hour)
		f.region.Group(awstest.GroupSeed{Name: "before", ImageID: before})
		f.region.Group(awstest.GroupSeed{Name: "after", ImageID: after})
		time.Sleep(time.Hour)
		assert.Len(t, f.region.Activities("before"), 1)
		assert.Greater(t, len(f.region.Activities("after")), 2)
		assert.Panics(t, func() { f.region.Behave("ami-00000000000000000", awstest.Behavior{}) })
	})
}

func TestLaunchesFromImagesThatCannotBeRun(t *testing.T) {
	for name, test := range map[string]struct {
		spoil func(f *fleet, id string)
		want  string
	}{
		"disabled": {func(f *fleet, id string) {
			_, err := f.ec2.DisableImage(f.t.Context(), &ec2.DisableImageInput{ImageId: &id})
			require.NoError(f.t, err)
		}, "AMI %s is disabled, and cannot be run. Launching EC2 instance failed."},
		"deregistered": {func(f *fleet, id string) {
			_, err := f.ec2.DeregisterImage(f.t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
			require.NoError(f.t, err)
		}, "The AMI ID %s does not exist. Launching EC2 instance failed."},
		"gone": {func(f *fleet, id string) {
			_, err := f.ec2.DeregisterImage(f.t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
			require.NoError(f.t, err)
			time.Sleep(time.Hour)
		}, "The AMI ID %s does not exist. Launching EC2 instance failed."},
		"pending": {func(f *fleet, id string) {
			out, err := f.ec2.CreateImage(f.t.Context(), &ec2.CreateImageInput{InstanceId: &f.group.Instances[0], Name: new("next"), NoReboot: new(true)})
			require.NoError(f.t, err)
			_, err = f.ec2.CreateLaunchTemplateVersion(f.t.Context(), &ec2.CreateLaunchTemplateVersionInput{
				LaunchTemplateName: new("golden"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: out.ImageId, InstanceType: "t3.micro"},
			})
			require.NoError(f.t, err)
		}, "AMI %s is pending, and cannot be run. Launching EC2 instance failed."},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 1, wholeSeconds)
				id := f.region.OwnImage(awstest.ImageSeed{Name: "golden"})
				template := f.region.Template(awstest.TemplateSeed{Name: "golden", ImageID: id})
				require.NoError(t, f.update(autoscaling.UpdateAutoScalingGroupInput{
					LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &template, Version: new("$Latest")},
				}))
				test.spoil(f, id)
				f.scale(2)
				time.Sleep(2500 * time.Millisecond)
				first := f.region.Activities("web")[0]
				assert.Equal(t, astypes.ScalingActivityStatusCodeFailed, first.StatusCode)
				for _, i := range f.region.Images() {
					if *i.Name == "next" {
						id = *i.ImageId
					}
				}
				assert.Equal(t, fmt.Sprintf(test.want, id), *first.StatusMessage)
				assert.Equal(t, awstest.Capacity{Desired: 2, Live: 1, InService: 1, Ready: 1}, f.region.Capacity("web"), "it stays missing")
				time.Sleep(10 * time.Minute)
				if name == "pending" {
					assert.Equal(t, 2, f.region.Capacity("web").InService, "until the image is there")
				} else {
					assert.Greater(t, len(f.region.Activities("web")), 5, "it is tried again")
				}
			})
		})
	}
}
