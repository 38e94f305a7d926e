package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// A group whose template has network interfaces is delivered to: EC2 refuses a
// launch that names a subnet beside them.
func TestDeliverToAGroupWhoseTemplateHasInterfaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, awstest.WithInputs())
		home := threeRegions[0]
		r := w.cloud.Region(home)
		id := r.Template(awstest.TemplateSeed{Name: "public", Data: &ec2types.RequestLaunchTemplateData{
			ImageId: new(r.OwnImage(awstest.ImageSeed{Name: "public-1"})), InstanceType: ec2types.InstanceTypeT3Micro,
			NetworkInterfaces: []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{
				DeviceIndex: new(int32(0)), AssociatePublicIpAddress: new(true), Groups: []string{r.SecurityGroup("public")},
			}},
		}})
		w.group(home, "public", id, "1")
		w.settle()
		w.Targets = []plan.Target{{Region: home, Groups: []string{"public"}}}

		report, err := w.deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
		w.requireDelivered()
		requirePublic(t, w, home, "public")
	})
}

// A group with public addresses is migrated from its launch configuration, and
// then delivered to.
func TestDeliverToAMigratedGroupWithPublicAddresses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, as, ec2api := configured(t, []string{"web"})
		_, err := readyami.Migrate(t.Context(), as, ec2api, readyami.MigrateInput{Group: "web"})
		require.NoError(t, err)
		home := threeRegions[0]
		next := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "web-2"})
		w := &world{t: t, cloud: cloud, via: deliver, configs: region.OneAccount(cloud.Config(home)), Delivery: plan.Delivery{
			Name:    "web-2",
			Source:  plan.Source{Image: &plan.ImageSource{Region: home, ImageID: next}},
			Targets: []plan.Target{{Region: home, Groups: []string{"web"}}},
		}}
		report, err := w.deliver(t.Context())
		require.NoError(t, err)
		assert.Equal(t, plan.OutcomeDelivered, report.Outcome)
		w.requireDelivered()
		requirePublic(t, w, home, "web")
	})
}

// requirePublic checks that the instances of a group have public addresses.
func requirePublic(t *testing.T, w *world, in, group string) {
	t.Helper()
	for _, i := range w.describeGroup(in, group).Instances {
		out, err := ec2.NewFromConfig(w.cloud.Config(in)).DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{*i.InstanceId}})
		require.NoError(t, err)
		require.NotNil(t, out.Reservations[0].Instances[0].NetworkInterfaces[0].Association, "%s has no public address", *i.InstanceId)
	}
}
