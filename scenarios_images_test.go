package readyami_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
	"github.com/readyami/readyami/region"
)

// otherAccount is who has the group "shop", and no image.
const otherAccount = "222222222222"

// imageScenarios are about where the image comes from and gets to.
var imageScenarios = []scenario{
	{name: "the-whole-way", begin: func(t *testing.T) *world { return newWorld(t) }},
	{name: "tagged", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Tags = map[string]string{"team": "web"}
		return w
	}},
	{name: "image-that-exists", begin: func(t *testing.T) *world {
		w := newWorld(t)
		id := w.cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "packer 2026-11-23"})
		w.Source = plan.Source{Image: &plan.ImageSource{Region: "us-east-1", ImageID: id}}
		return w
	}},
	{name: "image-per-region", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Source = plan.Source{}
		for i := range w.Targets {
			w.Targets[i].ImageID = w.cloud.Region(w.Targets[i].Region).OwnImage(awstest.ImageSeed{Name: "web-2"})
		}
		return w
	}},
	{name: "instance-stopped-first", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Source.Instance.Reboot = plan.StopFirst
		return w
	}},
	{name: "described", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.Description, w.Revision = "The storefront, second edition", "1a2b3c"
		w.Source.Instance.BlockDeviceMappings = []plan.BlockDeviceMapping{{DeviceName: new("/dev/sdb"), NoDevice: new("")}}
		return w
	}},
	{name: "encrypted", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.cloud.Region("us-east-1").Key(awstest.KeySeed{Alias: "alias/web", Grants: []string{awstest.AutoScalingRole(awstest.DefaultAccount)}})
		w.Targets[1].Encrypted, w.Targets[1].KMSKeyID = true, "alias/web"
		w.Targets[2].Encrypted, w.Targets[2].UseRegionDefaultKey = true, true
		return w
	}},
	{name: "another-account", begin: toAnotherAccount},
	{name: "throttled", begin: func(t *testing.T) *world {
		return newWorld(t, awstest.WithFault(awstest.Throttle(awstest.Match{}, 2)))
	}},
	{name: "image-fails", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.cloud.FailImages(awstest.ImageMatch{Region: "eu-west-1", Name: "web-2"}, "Client.InternalError", "Client error on launch")
		return w
	}, acts: []act{
		{name: "first", says: ami.ErrFailed},
		{name: "again", change: func(w *world) { w.cloud.ForgetScripts() }},
	}},
	{name: "copy-fails", begin: func(t *testing.T) *world {
		w := newWorld(t)
		w.cloud.FailImages(awstest.ImageMatch{Region: "us-east-1"}, "Server.InternalError", "Copy image failed with an internal error")
		return w
	}, acts: []act{
		{name: "first", says: ami.ErrFailed},
		{name: "again", change: func(w *world) { w.cloud.ForgetScripts() }},
	}},
}

// toAnotherAccount is a delivery from the usual account to the group "shop" of the
// other, in another Region.
func toAnotherAccount(t *testing.T) *world {
	w := newWorld(t)
	w.cloud.Account(otherAccount).Region("us-east-1").Group(awstest.GroupSeed{Name: "shop", Size: 2})
	out, err := ec2.NewFromConfig(w.cloud.Account(otherAccount).Config("us-east-1")).DescribeLaunchTemplateVersions(t.Context(),
		&ec2.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}})
	require.NoError(t, err)
	w.recorder.names.byID[*out.LaunchTemplateVersions[0].LaunchTemplateData.ImageId] = "a public image"
	w.Targets = []plan.Target{{Account: otherAccount, Region: "us-east-1", Groups: []string{"shop"}}}
	w.Source.Instance.Account = awstest.DefaultAccount
	w.configs = func(_ context.Context, t region.Target) (aws.Config, error) {
		return ours(w.cloud.Account(t.Account).Config(t.Region)), nil
	}
	return w
}
