package ami_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
)

// creator is an AWS in which no image stands and one instance runs.
type creator struct{ *namer }

func (creator) CreateImage(context.Context, *ec2.CreateImageInput, ...func(*ec2.Options)) (*ec2.CreateImageOutput, error) {
	return &ec2.CreateImageOutput{ImageId: new(id(1))}, nil
}

func (creator) DescribeInstances(context.Context, *ec2.DescribeInstancesInput, ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error) {
	return &ec2.DescribeInstancesOutput{Reservations: []types.Reservation{{Instances: []types.Instance{{
		State: &types.InstanceState{Name: types.InstanceStateNameRunning}, RootDeviceName: new("/dev/xvda"),
		BlockDeviceMappings: []types.InstanceBlockDeviceMapping{{DeviceName: new("/dev/xvda")}, {DeviceName: new("/dev/sdb")}},
	}}}}}, nil
}

func intentOf(t *testing.T, change func(*ami.CreateInput)) string {
	t.Helper()
	in := web("i-0123456789abcdef0")
	in.Mappings = []types.BlockDeviceMapping{
		{DeviceName: new("/dev/sdb"), NoDevice: new("")},
		{DeviceName: new("/dev/xvda"), Ebs: &types.EbsBlockDevice{DeleteOnTermination: new(false)}},
	}
	change(&in)
	made, err := ami.Create(t.Context(), creator{&namer{reader: newReader(all())}}, in)
	require.NoError(t, err)
	return made.Intent
}

// What an earlier release has tagged has to be recognised by the next one, and
// by one built with a newer SDK: when this fails, every image would be made
// again under a name that is taken.
func TestIntentStaysTheSame(t *testing.T) {
	assert.Equal(t, "8a7daab08a14d96a6c1d9e3b1b09b42a594ca2ffc24f32f36aa5307ae214774c", intentOf(t, func(*ami.CreateInput) {}))
}

func TestIntentIsWhatTheImageIsMadeFrom(t *testing.T) {
	same := intentOf(t, func(*ami.CreateInput) {})
	for name, change := range map[string]func(*ami.CreateInput){
		"description": func(in *ami.CreateInput) { in.Description = "other" },
		"tags":        func(in *ami.CreateInput) { in.Tags = map[string]string{"a": "b"} },
		"order of the mappings": func(in *ami.CreateInput) {
			in.Mappings[0], in.Mappings[1] = in.Mappings[1], in.Mappings[0]
		},
	} {
		assert.Equal(t, same, intentOf(t, change), name)
	}
	seen := map[string]string{same: "nothing"}
	for name, change := range map[string]func(*ami.CreateInput){
		"instance":      func(in *ami.CreateInput) { in.InstanceID = "i-0123456789abcdef1" },
		"consistency":   func(in *ami.CreateInput) { in.Reboot = ami.NoReboot },
		"revision":      func(in *ami.CreateInput) { in.Revision = "2" },
		"a flag":        func(in *ami.CreateInput) { in.Mappings[1].Ebs.DeleteOnTermination = new(true) },
		"no flag":       func(in *ami.CreateInput) { in.Mappings[1].Ebs.DeleteOnTermination = nil },
		"no NoDevice":   func(in *ami.CreateInput) { in.Mappings[0].NoDevice = nil },
		"fewer volumes": func(in *ami.CreateInput) { in.Mappings = in.Mappings[:1] },
		"no mappings":   func(in *ami.CreateInput) { in.Mappings = nil },
	} {
		got := intentOf(t, change)
		assert.Empty(t, seen[got], name)
		seen[got] = name
	}
}
