package awstest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

const (
	home     = "eu-west-1"
	away     = "us-east-1"
	stranger = "222222222222"
)

// requireCode checks that an error decodes as one of AWS's, with its code, part
// of its message, status and request id.
func requireCode(t *testing.T, err error, code, message string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	require.True(t, ok, "not an API error: %v", err)
	assert.Equal(t, code, api.ErrorCode())
	assert.Contains(t, api.ErrorMessage(), message)
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	require.True(t, ok)
	assert.NotEmpty(t, response.ServiceRequestID())
	assert.NotZero(t, response.HTTPStatusCode())
}

// scene is what the error table works on.
type scene struct {
	*ec2.Client
	cloud    *awstest.Cloud
	region   *awstest.Region
	instance string // running, with an 8 GiB root and a 20 GiB data volume
	own      string // available, named "own"
	disabled string
	secret   string // an encrypted image
	base     string // public, Amazon's
	private  string // a stranger's, not shared
	shared   string // a stranger's, shared
	pending  string // under SeenOnce: until it has been shown
}

func newScene(t *testing.T) *scene {
	t.Helper()
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	s := &scene{Client: ec2.NewFromConfig(cloud.Config(home)), cloud: cloud, region: cloud.Region(home)}
	s.base = s.region.PublicImage("base")
	s.instance = s.region.PreparedInstance(awstest.InstanceSeed{ImageID: s.base, DataGiB: []int32{20}})
	s.own = s.region.OwnImage(awstest.ImageSeed{Name: "own"})
	s.secret = s.region.OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true})
	s.disabled = s.region.OwnImage(awstest.ImageSeed{Name: "disabled"})
	s.private = s.region.ForeignImage(stranger, "private", false)
	s.shared = s.region.ForeignImage(stranger, "shared", true)
	_, err := s.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &s.disabled})
	require.NoError(t, err)
	out, err := s.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &s.instance, Name: new("pending")})
	require.NoError(t, err)
	s.pending = *out.ImageId
	return s
}

const (
	unknownAMI      = "ami-00000000000000000"
	unknownInstance = "i-00000000000000000"
	unknownSnapshot = "snap-00000000000000000"
)

func tags(resource ec2types.ResourceType, pairs ...string) []ec2types.TagSpecification {
	spec := ec2types.TagSpecification{ResourceType: resource, Tags: []ec2types.Tag{}}
	for i := 0; i < len(pairs); i += 2 {
		spec.Tags = append(spec.Tags, ec2types.Tag{Key: new(pairs[i]), Value: new(pairs[i+1])})
	}
	return []ec2types.TagSpecification{spec}
}

func device(name string, ebs *ec2types.EbsBlockDevice) []ec2types.BlockDeviceMapping {
	return []ec2types.BlockDeviceMapping{{DeviceName: &name, Ebs: ebs}}
}

func TestEC2Refuses(t *testing.T) {
	type call = func(context.Context, *scene) error
	create := func(in ec2.CreateImageInput) call {
		return func(ctx context.Context, s *scene) error {
			if in.InstanceId == nil {
				in.InstanceId = &s.instance
			}
			if in.Name == nil {
				in.Name = new("fresh")
			}
			_, err := s.CreateImage(ctx, &in)
			return err
		}
	}
	copyOf := func(source func(*scene) string, in ec2.CopyImageInput) call {
		return func(ctx context.Context, s *scene) error {
			in.SourceImageId = new(source(s))
			if in.SourceRegion == nil {
				in.SourceRegion = new(home)
			}
			if in.Name == nil {
				in.Name = new("copy")
			}
			_, err := s.CopyImage(ctx, &in)
			return err
		}
	}
	run := func(in ec2.RunInstancesInput) call {
		return func(ctx context.Context, s *scene) error {
			if in.MinCount == nil {
				in.MinCount, in.MaxCount = new(int32(1)), new(int32(1))
			}
			if in.ImageId == nil {
				in.ImageId = &s.own
			}
			if in.InstanceType == "" {
				in.InstanceType = ec2types.InstanceTypeT3Micro
			}
			_, err := s.RunInstances(ctx, &in)
			return err
		}
	}
	runImage := func(id func(*scene) string) call {
		return func(ctx context.Context, s *scene) error {
			return run(ec2.RunInstancesInput{ImageId: new(id(s))})(ctx, s)
		}
	}
	images := func(in ec2.DescribeImagesInput) call {
		return func(ctx context.Context, s *scene) error { _, err := s.DescribeImages(ctx, &in); return err }
	}
	tag := func(id func(*scene) string, pairs ...string) call {
		return func(ctx context.Context, s *scene) error {
			_, err := s.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{id(s)}, Tags: tags("", pairs...)[0].Tags})
			return err
		}
	}
	id := func(s string) func(*scene) string { return func(*scene) string { return s } }
	own := func(s *scene) string { return s.own }
	many := make([]string, 0, 102)
	for i := range 51 {
		many = append(many, "k"+strings.Repeat("x", i), "v")
	}

	for name, c := range map[string]struct {
		do            call
		code, message string
	}{
		"CreateImage unknown instance":   {create(ec2.CreateImageInput{InstanceId: new(unknownInstance)}), "InvalidInstanceID.NotFound", "The instance ID '" + unknownInstance + "' does not exist"},
		"CreateImage malformed instance": {create(ec2.CreateImageInput{InstanceId: new("i-nope")}), "InvalidInstanceID.Malformed", "i-nope"},
		"CreateImage name in use":        {create(ec2.CreateImageInput{Name: new("own")}), "InvalidAMIName.Duplicate", "AMI name own is already in use by AMI ami-"},
		"CreateImage name of a disabled": {create(ec2.CreateImageInput{Name: new("disabled")}), "InvalidAMIName.Duplicate", "already in use"},
		"CreateImage name of a pending":  {create(ec2.CreateImageInput{Name: new("pending")}), "InvalidAMIName.Duplicate", "already in use"},
		"CreateImage short name":         {create(ec2.CreateImageInput{Name: new("ab")}), "InvalidAMIName.Malformed", "between 3 and 128"},
		"CreateImage long name":          {create(ec2.CreateImageInput{Name: new(strings.Repeat("a", 129))}), "InvalidAMIName.Malformed", "between 3 and 128"},
		"CreateImage name with a colon":  {create(ec2.CreateImageInput{Name: new("a:b:c")}), "InvalidAMIName.Malformed", ""},
		"CreateImage long description":   {create(ec2.CreateImageInput{Description: new(strings.Repeat("a", 256))}), "InvalidParameterValue", "255"},
		"CreateImage dry run":            {create(ec2.CreateImageInput{DryRun: new(true)}), "DryRunOperation", "would have succeeded"},
		"CreateImage tags an instance":   {create(ec2.CreateImageInput{TagSpecifications: tags("instance", "k", "v")}), "InvalidParameterValue", "instance"},
		"CreateImage aws tag":            {create(ec2.CreateImageInput{TagSpecifications: tags("image", "aws:k", "v")}), "InvalidParameterValue", "aws:"},
		"CreateImage without a root":     {create(ec2.CreateImageInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), NoDevice: new("")}}}), "InvalidBlockDeviceMapping", "root"},
		"CreateImage no device name":     {create(ec2.CreateImageInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{NoDevice: new("")}}}), "InvalidBlockDeviceMapping", "device name"},
		"CreateImage grows a volume":     {create(ec2.CreateImageInput{BlockDeviceMappings: device("/dev/sdb", &ec2types.EbsBlockDevice{VolumeSize: new(int32(30))})}), "InvalidBlockDeviceMapping", "only DeleteOnTermination"},
		"CreateImage encrypts a volume":  {create(ec2.CreateImageInput{BlockDeviceMappings: device("/dev/sdb", &ec2types.EbsBlockDevice{Encrypted: new(true)})}), "InvalidBlockDeviceMapping", "encrypted"},
		"CreateImage new without a size": {create(ec2.CreateImageInput{BlockDeviceMappings: device("/dev/sdc", &ec2types.EbsBlockDevice{})}), "MissingParameter", "size"},
		"CreateImage unknown snapshot":   {create(ec2.CreateImageInput{BlockDeviceMappings: device("/dev/sdc", &ec2types.EbsBlockDevice{SnapshotId: new(unknownSnapshot)})}), "InvalidSnapshot.NotFound", unknownSnapshot},
		"CreateImage snapshot encrypted": {create(ec2.CreateImageInput{BlockDeviceMappings: device("/dev/sdc", &ec2types.EbsBlockDevice{SnapshotId: new(unknownSnapshot), Encrypted: new(false)})}), "InvalidBlockDeviceMapping", "has a snapshot specified"},
		"CreateImage over a volume":      {create(ec2.CreateImageInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/sdb"), VirtualName: new("ephemeral0")}}}), "InvalidBlockDeviceMapping", "has a volume"},

		"CopyImage unknown":                {copyOf(id(unknownAMI), ec2.CopyImageInput{}), "InvalidAMIID.NotFound", "The image id '[" + unknownAMI + "]' does not exist"},
		"CopyImage malformed":              {copyOf(id("ami-XYZ"), ec2.CopyImageInput{}), "InvalidAMIID.Malformed", `Invalid id: "ami-XYZ" (expecting "ami-...")`},
		"CopyImage unknown Region":         {copyOf(own, ec2.CopyImageInput{SourceRegion: new("mars-1")}), "InvalidParameterValue", "mars-1"},
		"CopyImage Region not enabled":     {copyOf(own, ec2.CopyImageInput{SourceRegion: new("me-south-1")}), "InvalidParameterValue", "me-south-1"},
		"CopyImage other partition":        {copyOf(own, ec2.CopyImageInput{SourceRegion: new("cn-north-1")}), "InvalidParameterValue", "cn-north-1"},
		"CopyImage from the wrong Region":  {copyOf(own, ec2.CopyImageInput{SourceRegion: new(away)}), "InvalidAMIID.NotFound", ""},
		"CopyImage not shared":             {copyOf(func(s *scene) string { return s.private }, ec2.CopyImageInput{}), "InvalidAMIID.NotFound", ""},
		"CopyImage pending":                {copyOf(func(s *scene) string { return s.pending }, ec2.CopyImageInput{}), "InvalidAMIID.Unavailable", "currently pending"},
		"CopyImage disabled":               {copyOf(func(s *scene) string { return s.disabled }, ec2.CopyImageInput{}), "InvalidAMIID.Unavailable", "currently disabled"},
		"CopyImage name in use":            {copyOf(own, ec2.CopyImageInput{Name: new("own")}), "InvalidAMIName.Duplicate", ""},
		"CopyImage malformed name":         {copyOf(own, ec2.CopyImageInput{Name: new("a")}), "InvalidAMIName.Malformed", ""},
		"CopyImage key without encryption": {copyOf(own, ec2.CopyImageInput{KmsKeyId: new("alias/x")}), "InvalidParameterDependency", "Encrypted"},
		"CopyImage takes encryption away":  {copyOf(func(s *scene) string { return s.secret }, ec2.CopyImageInput{Encrypted: new(false)}), "InvalidRequest", "is encrypted"},
		"CopyImage tags a volume":          {copyOf(own, ec2.CopyImageInput{TagSpecifications: tags("volume", "k", "v")}), "InvalidParameterValue", "volume"},
		"CopyImage long description":       {copyOf(own, ec2.CopyImageInput{Description: new(strings.Repeat("a", 256))}), "InvalidParameterValue", "255"},
		"CopyImage dry run":                {copyOf(own, ec2.CopyImageInput{DryRun: new(true)}), "DryRunOperation", ""},
		"DescribeImages unknown":           {images(ec2.DescribeImagesInput{ImageIds: []string{unknownAMI}}), "InvalidAMIID.NotFound", "'[" + unknownAMI + "]'"},
		"DescribeImages unknown, two":      {images(ec2.DescribeImagesInput{ImageIds: []string{unknownAMI, "ami-00000001"}}), "InvalidAMIID.NotFound", "The image ids '[" + unknownAMI + ", ami-00000001]' do not exist"},
		"DescribeImages malformed":         {images(ec2.DescribeImagesInput{ImageIds: []string{"ami-1"}}), "InvalidAMIID.Malformed", ""},
		"DescribeImages unknown filter":    {images(ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("colour"), Values: []string{"red"}}}}), "InvalidParameterValue", "The filter 'colour' is invalid"},
		"DescribeImages malformed owner":   {images(ec2.DescribeImagesInput{Owners: []string{"me"}}), "InvalidUserID.Malformed", "me"},
		"DescribeImages malformed user":    {images(ec2.DescribeImagesInput{ExecutableUsers: []string{"me"}}), "InvalidUserID.Malformed", "me"},
		"DescribeImages bad token":         {images(ec2.DescribeImagesInput{NextToken: new("x")}), "InvalidNextToken", "x"},
		"RunInstances unknown image":       {run(ec2.RunInstancesInput{ImageId: new(unknownAMI)}), "InvalidAMIID.NotFound", unknownAMI},
		"RunInstances pending image":       {runImage(func(s *scene) string { return s.pending }), "InvalidAMIID.Unavailable", "currently pending"},
		"RunInstances disabled image":      {runImage(func(s *scene) string { return s.disabled }), "InvalidAMIID.Unavailable", "currently disabled"},
		"RunInstances image not shared":    {runImage(func(s *scene) string { return s.private }), "InvalidAMIID.NotFound", ""},
		"RunInstances malformed type":      {run(ec2.RunInstancesInput{InstanceType: "big"}), "InvalidParameterValue", "InstanceType"},
		"RunInstances other architecture":  {run(ec2.RunInstancesInput{InstanceType: ec2types.InstanceTypeM7gLarge}), "InvalidParameterValue", "arm64"},
		"RunInstances unknown subnet":      {run(ec2.RunInstancesInput{SubnetId: new("subnet-00000000")}), "InvalidSubnetID.NotFound", "subnet-00000000"},
		"RunInstances unknown group":       {run(ec2.RunInstancesInput{SecurityGroupIds: []string{"sg-00000000"}}), "InvalidGroup.NotFound", "sg-00000000"},
		"RunInstances malformed group":     {run(ec2.RunInstancesInput{SecurityGroupIds: []string{"default"}}), "InvalidGroupId.Malformed", "default"},
		"RunInstances unknown key pair":    {run(ec2.RunInstancesInput{KeyName: new("mine")}), "InvalidKeyPair.NotFound", "mine"},
		"RunInstances none":                {run(ec2.RunInstancesInput{MinCount: new(int32(0)), MaxCount: new(int32(0))}), "InvalidParameterValue", ""},
		"RunInstances max below min":       {run(ec2.RunInstancesInput{MinCount: new(int32(2)), MaxCount: new(int32(1))}), "InvalidParameterValue", ""},
		"RunInstances tags an image":       {run(ec2.RunInstancesInput{TagSpecifications: tags("image", "k", "v")}), "InvalidParameterValue", "image"},
		"RunInstances too small":           {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{VolumeSize: new(int32(4))})}), "InvalidBlockDeviceMapping", "smaller than snapshot"},
		"RunInstances too big":             {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/sdb", &ec2types.EbsBlockDevice{VolumeSize: new(int32(70000))})}), "InvalidParameterValue", "70000"},
		"RunInstances unknown volume type": {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{VolumeType: "floppy"})}), "InvalidParameterValue", "floppy"},
		"RunInstances iops of gp2":         {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{VolumeType: "gp2", Iops: new(int32(3000))})}), "InvalidParameterCombination", "iops"},
		"RunInstances throughput of io2":   {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{VolumeType: "io2", Iops: new(int32(3000)), Throughput: new(int32(200))})}), "InvalidParameterCombination", "throughput"},
		"RunInstances io2 without iops":    {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{VolumeType: "io2"})}), "MissingParameter", "iops"},
		"RunInstances other root snapshot": {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{SnapshotId: new(unknownSnapshot)})}), "InvalidBlockDeviceMapping", "root device"},
		"RunInstances key, not encrypted":  {run(ec2.RunInstancesInput{BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{KmsKeyId: new("alias/x")})}), "InvalidParameterDependency", "Encrypted"},
		"RunInstances takes encryption off": {func(ctx context.Context, s *scene) error {
			return run(ec2.RunInstancesInput{ImageId: &s.secret, BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{Encrypted: new(false)})})(ctx, s)
		}, "InvalidBlockDeviceMapping", "encrypted"},
		"RunInstances root virtual":     {run(ec2.RunInstancesInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), VirtualName: new("ephemeral0")}}}), "InvalidBlockDeviceMapping", "ephemeral0"},
		"RunInstances without a root":   {run(ec2.RunInstancesInput{BlockDeviceMappings: []ec2types.BlockDeviceMapping{{DeviceName: new("/dev/xvda"), NoDevice: new("")}}}), "InvalidBlockDeviceMapping", "root"},
		"RunInstances unknown template": {run(ec2.RunInstancesInput{LaunchTemplate: &ec2types.LaunchTemplateSpecification{LaunchTemplateName: new("nope")}}), "InvalidLaunchTemplateName.NotFoundException", ""},

		"CreateTags unknown image":    {tag(id(unknownAMI), "k", "v"), "InvalidAMIID.NotFound", unknownAMI},
		"CreateTags unknown snapshot": {tag(id(unknownSnapshot), "k", "v"), "InvalidSnapshot.NotFound", unknownSnapshot},
		"CreateTags malformed snap":   {tag(id("snap-x"), "k", "v"), "InvalidSnapshotID.Malformed", "snap-x"},
		"CreateTags unknown instance": {tag(id(unknownInstance), "k", "v"), "InvalidInstanceID.NotFound", unknownInstance},
		"CreateTags unknown volume":   {tag(id("vol-00000000"), "k", "v"), "InvalidVolume.NotFound", "vol-00000000"},
		"CreateTags unknown subnet":   {tag(id("subnet-00000000"), "k", "v"), "InvalidSubnetID.NotFound", ""},
		"CreateTags unknown template": {tag(id("lt-00000000000000000"), "k", "v"), "InvalidLaunchTemplateId.NotFound", ""},
		"CreateTags unknown kind":     {tag(id("zebra-1"), "k", "v"), "InvalidID", "zebra-1"},
		"CreateTags nothing":          {tag(own), "MissingParameter", ""},
		"CreateTags too many":         {tag(own, many...), "TagLimitExceeded", ""},
		"CreateTags empty key":        {tag(own, "", "v"), "InvalidParameterValue", ""},
		"CreateTags long value":       {tag(own, "k", strings.Repeat("v", 257)), "InvalidParameterValue", "256"},
		"CreateTags twice one key":    {tag(own, "k", "v", "k", "w"), "InvalidParameterValue", "Duplicate"},

		"DeregisterImage unknown": {func(ctx context.Context, s *scene) error {
			_, err := s.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: new(unknownAMI)})
			return err
		}, "InvalidAMIID.NotFound", unknownAMI},
		"DeregisterImage foreign": {func(ctx context.Context, s *scene) error {
			_, err := s.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &s.shared})
			return err
		}, "AuthFailure", "Not authorized"},
		"DisableImage foreign": {func(ctx context.Context, s *scene) error {
			_, err := s.DisableImage(ctx, &ec2.DisableImageInput{ImageId: &s.shared})
			return err
		}, "AuthFailure", ""},
		"DisableImage twice": {func(ctx context.Context, s *scene) error {
			_, err := s.DisableImage(ctx, &ec2.DisableImageInput{ImageId: &s.disabled})
			return err
		}, "InvalidAMIID.Unavailable", "disabled"},
		"EnableImage of available": {func(ctx context.Context, s *scene) error {
			_, err := s.EnableImage(ctx, &ec2.EnableImageInput{ImageId: &s.own})
			return err
		}, "InvalidAMIID.Unavailable", "available"},
		"Deprecate in the past": {func(ctx context.Context, s *scene) error {
			_, err := s.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &s.own, DeprecateAt: new(s.cloud.Now())})
			return err
		}, "InvalidParameterValue", "future"},
		"Deprecate too late": {func(ctx context.Context, s *scene) error {
			_, err := s.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &s.own, DeprecateAt: new(s.cloud.Now().AddDate(11, 0, 0))})
			return err
		}, "InvalidParameterValue", "later"},
		"Deprecate foreign": {func(ctx context.Context, s *scene) error {
			_, err := s.EnableImageDeprecation(ctx, &ec2.EnableImageDeprecationInput{ImageId: &s.shared, DeprecateAt: new(s.cloud.Now().Add(time.Hour))})
			return err
		}, "AuthFailure", ""},
		"DescribeSnapshots unknown": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{SnapshotIds: []string{unknownSnapshot}})
			return err
		}, "InvalidSnapshot.NotFound", unknownSnapshot},
		"DescribeSnapshots owner": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{OwnerIds: []string{"me"}})
			return err
		}, "InvalidUserID.Malformed", "me"},
		"DescribeInstances unknown": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{s.instance, unknownInstance}})
			return err
		}, "InvalidInstanceID.NotFound", unknownInstance},
		"DescribeInstances pages by id": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{s.instance}, MaxResults: new(int32(5))})
			return err
		}, "InvalidParameterCombination", "maxResults"},
		"DescribeSubnets unknown": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-1"}})
			return err
		}, "InvalidSubnetID.NotFound", "subnet-1"},
		"DescribeZones unknown": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-east-1a"}})
			return err
		}, "InvalidParameterValue", "us-east-1a"},
		"DescribeZones unknown id": {func(ctx context.Context, s *scene) error {
			_, err := s.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{ZoneIds: []string{"use1-az1"}})
			return err
		}, "InvalidParameterValue", "use1-az1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			images, instances := len(s.region.Images()), len(s.region.Instances())
			requireCode(t, c.do(t.Context(), s), c.code, c.message)
			assert.Len(t, s.region.Images(), images)
			assert.Len(t, s.region.Instances(), instances)
		})
	}
}

func TestInstanceStatesRefuse(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	ids := []string{region.PreparedInstance(awstest.InstanceSeed{})}
	running := []string{region.PreparedInstance(awstest.InstanceSeed{})}
	image := func() error {
		_, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &ids[0], Name: new("image")})
		return err
	}
	start := func(ids ...string) error {
		_, err := client.StartInstances(t.Context(), &ec2.StartInstancesInput{InstanceIds: ids})
		return err
	}
	stop := func(ids ...string) error {
		_, err := client.StopInstances(t.Context(), &ec2.StopInstancesInput{InstanceIds: ids})
		return err
	}

	require.NoError(t, start(ids[0]), "running already")
	_, err := client.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids})
	require.NoError(t, err)
	requireCode(t, image(), "IncorrectState", "not in state 'running' or 'stopped'")
	requireCode(t, stop(running[0], ids[0]), "IncorrectInstanceState", ids[0])
	requireCode(t, start(ids[0]), "IncorrectInstanceState", ids[0])
	assert.Equal(t, ec2types.InstanceStateNameRunning, region.Instances()[1].State.Name, "one wrong state stops none")
}
