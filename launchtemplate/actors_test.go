package launchtemplate_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// meanwhile has somebody else do something just before the first call of an
// operation arrives.
func meanwhile(operation string, do func()) awstest.Fault {
	var done atomic.Bool
	return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
		if call.Operation == operation && done.CompareAndSwap(false, true) {
			do()
		}
		return next(ctx)
	}
}

func TestCreateWhereSomebodyElseIsFaster(t *testing.T) {
	for name, tt := range map[string]struct {
		key string
		is  error
	}{
		"with the same": {"my-key-pair", nil},
		"with another":  {"other", launchtemplate.ErrNameTaken},
	} {
		t.Run(name, func(t *testing.T) {
			cloud, client := start(t)
			cloud.Inject(meanwhile("CreateLaunchTemplate", func() {
				in := webInput()
				in.Data.KeyName = &tt.key
				in.Description = "first"
				_, err := launchtemplate.Create(context.Background(), ec2.NewFromConfig(cloud.Config(home)), in)
				assert.NoError(t, err)
			}))
			made, err := launchtemplate.Create(t.Context(), client, webInput())
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
			} else {
				require.NoError(t, err)
				assert.NotEmpty(t, made.TemplateID)
			}
			assert.Len(t, cloud.Region(home).Templates(), 1)
		})
	}
}

// TestNextVersionWhereSomebodyElseMakesOne has $Latest move in the middle: the
// source is a number, so that nothing of that version gets into ours.
func TestNextVersionWhereSomebodyElseMakesOne(t *testing.T) {
	cloud, client := start(t)
	ref := base(t, cloud, client)
	cloud.Inject(meanwhile("CreateLaunchTemplateVersion", func() {
		_, err := ec2.NewFromConfig(cloud.Config(home)).CreateLaunchTemplateVersion(context.Background(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &ref.ID, LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeT3Large},
		})
		assert.NoError(t, err)
	}))
	next, err := launchtemplate.NextVersion(t.Context(), client, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"})
	require.NoError(t, err)
	assert.Equal(t, int64(3), next.Version.Number)
	assert.Equal(t, types.InstanceTypeT3Micro, next.Version.Data.InstanceType)
}

// TestManyAtOnce has many processes ask for the same: it is made once.
func TestManyAtOnce(t *testing.T) {
	cloud, client := start(t)
	ref := base(t, cloud, client)
	const processes = 16
	numbers, ids := make([]int64, processes), make([]string, processes)
	var all sync.WaitGroup
	for i := range processes {
		all.Go(func() {
			api := ec2.NewFromConfig(cloud.Config(home))
			next, err := launchtemplate.NextVersion(context.Background(), api, launchtemplate.NextVersionInput{Template: ref, Source: 1, ImageID: "ami-00000002"})
			if assert.NoError(t, err) {
				numbers[i] = next.Version.Number
			}
			in := webInput()
			in.Name = "other"
			made, err := launchtemplate.Create(context.Background(), api, in)
			if assert.NoError(t, err) {
				ids[i] = made.TemplateID
			}
		})
	}
	all.Wait()
	for i := range processes {
		assert.Equal(t, int64(2), numbers[i])
		assert.Equal(t, ids[0], ids[i])
	}
	assert.Len(t, cloud.Region(home).TemplateVersions(ref.ID), 2)
	assert.Len(t, cloud.Region(home).Templates(), 2)
}
