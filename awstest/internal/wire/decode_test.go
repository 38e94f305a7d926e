package wire

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	autoscalingsdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func query(t *testing.T, s *Service, body string, input any) error {
	t.Helper()
	params, err := url.ParseQuery(body)
	require.NoError(t, err)
	return s.DecodeQuery(params, input)
}

// Clients send Name= for an empty string and for an empty list; AWS takes it as
// not given, also where it would be the only thing in a structure.
func TestWhatIsGivenEmptyIsNotGiven(t *testing.T) {
	var image ec2sdk.ModifyImageAttributeInput
	require.NoError(t, query(t, ec2, "Action=ModifyImageAttribute&Version=2016-11-15&ImageId=ami-1&Attribute=&UserId=&LaunchPermission.Add.1.UserId=&DryRun=", &image))
	assert.Equal(t, ec2sdk.ModifyImageAttributeInput{ImageId: aws.String("ami-1")}, image)
	var group autoscalingsdk.UpdateAutoScalingGroupInput
	require.NoError(t, query(t, autoscaling, "AutoScalingGroupName=&TerminationPolicies=&MaxSize=0", &group))
	assert.Equal(t, autoscalingsdk.UpdateAutoScalingGroupInput{MaxSize: aws.Int32(0)}, group)
	image = ec2sdk.ModifyImageAttributeInput{}
	require.NoError(t, query(t, ec2, "LaunchPermission.Add.1.UserId=&LaunchPermission.Add.2.UserId=210987654321", &image))
	assert.Len(t, image.LaunchPermission.Add, 1)
	// But values may be empty, and an element of a list is one.
	image = ec2sdk.ModifyImageAttributeInput{}
	require.NoError(t, query(t, ec2, "Description.Value=&UserId.1=", &image))
	assert.Equal(t, ec2sdk.ModifyImageAttributeInput{Description: &ec2types.AttributeValue{Value: aws.String("")}, UserIds: []string{""}}, image)
	var create ec2sdk.CreateImageInput
	require.NoError(t, query(t, ec2, "BlockDeviceMapping.1.DeviceName=/dev/xvdb&BlockDeviceMapping.1.NoDevice=", &create))
	assert.Equal(t, aws.String(""), create.BlockDeviceMappings[0].NoDevice)
	// JSON tells the two apart.
	var parameter ssmsdk.PutParameterInput
	require.NoError(t, ssm.DecodeJSON([]byte(`{"Name":"", "Value":null, "Tags":[]}`), &parameter))
	assert.Equal(t, ssmsdk.PutParameterInput{Name: aws.String(""), Tags: []ssmtypes.Tag{}}, parameter)
}

// boto3 and the CLI send with a copy what stands in the URL that they sign for it:
// the SDK for Go has no exported field for that.
func TestWhatOtherClientsSendByThemselves(t *testing.T) {
	var in ec2sdk.CopySnapshotInput
	require.NoError(t, query(t, ec2, "SourceRegion=us-east-1&SourceSnapshotId=snap-1&DestinationRegion=eu-west-1", &in))
	assert.Equal(t, aws.String("snap-1"), in.SourceSnapshotId)
}

// An input that comes without the wire is taken alike: what its form would not
// have is dropped from it.
func TestDropEmpty(t *testing.T) {
	in := &ec2sdk.ModifyImageAttributeInput{
		ImageId:          aws.String(""),
		Description:      &ec2types.AttributeValue{Value: aws.String("")},
		UserIds:          []string{""},
		LaunchPermission: &ec2types.LaunchPermissionModifications{Add: []ec2types.LaunchPermission{{UserId: aws.String("")}}},
	}
	require.True(t, ec2.HasEmpty(in))
	ec2.DropEmpty(in)
	assert.Equal(t, &ec2sdk.ModifyImageAttributeInput{Description: &ec2types.AttributeValue{Value: aws.String("")}, UserIds: []string{""}}, in)
	assert.False(t, ec2.HasEmpty(in))
	assert.False(t, ssm.HasEmpty(&ssmsdk.PutParameterInput{Name: aws.String("")}), "JSON tells the two apart")
}

func TestListsAreInTheOrderOfTheirNumbers(t *testing.T) {
	var images ec2sdk.DescribeImagesInput
	require.NoError(t, query(t, ec2, "ImageId.10=c&ImageId.2=b&ImageId.1=a&Filter.2000000000.Name=state&Filter.2000000000.Value.1=available", &images))
	assert.Equal(t, []string{"a", "b", "c"}, images.ImageIds)
	assert.Equal(t, []ec2types.Filter{{Name: aws.String("state"), Values: []string{"available"}}}, images.Filters)
}

func TestWhatCannotBeRead(t *testing.T) {
	for body, want := range map[string]Unreadable{
		"ImageID.1=ami-1":              {Name: "ImageID", Unknown: true},
		"Filter.1.Nam=x":               {Name: "Filter.1.Nam", Unknown: true},
		"ImageId.first=ami-1":          {Name: "ImageId.first", Unknown: true},
		"ImageId.-1=ami-1":             {Name: "ImageId.-1", Unknown: true},
		"ImageId.99999999999999=ami-1": {Name: "ImageId.99999999999999", Unknown: true},
		"ImageId=ami-1":                {Name: "ImageId", Value: "ami-1", Want: "a list"},
		"Filter.1=x":                   {Name: "Filter.1", Value: "x", Want: "a structure"},
		"MaxResults=many":              {Name: "MaxResults", Value: "many", Want: "an integer"},
		"MaxResults=3000000000":        {Name: "MaxResults", Value: "3000000000", Want: "an integer"},
		"DryRun=perhaps":               {Name: "DryRun", Value: "perhaps", Want: "a boolean"},
		"DryRun.1=true":                {Name: "DryRun.1", Unknown: true},
	} {
		got, ok := errors.AsType[*Unreadable](query(t, ec2, body, &ec2sdk.DescribeImagesInput{}))
		if assert.True(t, ok, body) {
			assert.Equal(t, want, *got, body)
		}
	}
	got, ok := errors.AsType[*Unreadable](query(t, autoscaling, "AutoScalingGroupNames.1=web", &autoscalingsdk.DescribeAutoScalingGroupsInput{}))
	if assert.True(t, ok, "between a list and its numbers is member") {
		assert.Equal(t, Unreadable{Name: "AutoScalingGroupNames.1", Unknown: true}, *got)
	}
	for body, want := range map[string]Unreadable{
		`{"Name":`:            {Want: "JSON"},
		`{} {}`:               {Want: "one JSON object"},
		`[]`:                  {Value: "[]", Want: "an object"},
		`{"Nam":"a"}`:         {Name: "Nam", Unknown: true},
		`{"Name":1}`:          {Name: "Name", Value: "1", Want: "a string"},
		`{"Overwrite":"yes"}`: {Name: "Overwrite", Value: `"yes"`, Want: "a boolean"},
		`{"Tags":{}}`:         {Name: "Tags", Value: "{}", Want: "a list"},
		`{"Tags":[1]}`:        {Name: "Tags.1", Value: "1", Want: "an object"},
	} {
		got, ok := errors.AsType[*Unreadable](ssm.DecodeJSON([]byte(body), &ssmsdk.PutParameterInput{}))
		if assert.True(t, ok, body) {
			assert.Equal(t, want, *got, body)
		}
	}
}

// A time may be written in more ways than the SDK's own.
func TestTimes(t *testing.T) {
	for _, text := range []string{"2026-01-02T00:00:00Z", "2026-01-02T00:00:00.000Z", "2026-01-02", "2026-01-02T01:00:00%2B0100", "2026-01-02T00:00Z"} {
		var in ec2sdk.EnableImageDeprecationInput
		require.NoError(t, query(t, ec2, "DeprecateAt="+text, &in), text)
		assert.Equal(t, "2026-01-02T00:00:00.000Z", in.DeprecateAt.Format(timeLayout), text)
	}
}

func TestMissing(t *testing.T) {
	assert.Equal(t, "ImageId", ec2.Missing(&ec2sdk.DeregisterImageInput{}))
	assert.Empty(t, ec2.Missing(&ec2sdk.DeregisterImageInput{ImageId: aws.String("ami-1")}))
	assert.Equal(t, "ResourceId", ec2.Missing(&ec2sdk.CreateTagsInput{Tags: []ec2types.Tag{{}}}))
	assert.Equal(t, "LifecycleHookSpecificationList.member.1.LifecycleHookName", autoscaling.Missing(hooks()))
}

func hooks() any {
	in := &autoscalingsdk.CreateAutoScalingGroupInput{AutoScalingGroupName: aws.String("web"), MinSize: aws.Int32(0), MaxSize: aws.Int32(1)}
	v := reflect.ValueOf(in).Elem().FieldByName("LifecycleHookSpecificationList")
	v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	return in
}

// The inputs that the fuzzers read into: of all operations of the kind.
func inputs(kind Kind) (all []fuzzInput) {
	for _, s := range Services {
		if s.Kind != kind {
			continue
		}
		for _, op := range operations(clients(nil)[s]) {
			all = append(all, fuzzInput{s, op.in})
		}
	}
	return all
}

type fuzzInput struct {
	service *Service
	of      reflect.Type
}

// Whatever is sent is read, or refused by an error that says why. What is read
// can be looked through for what is missing.
func FuzzDecodeQuery(f *testing.F) {
	all := slices.Concat(inputs(EC2Query), inputs(AWSQuery))
	for n, body := range []string{
		"Action=DescribeImages&Version=2016-11-15&ImageId.1=ami-1&Filter.1.Name=state&Filter.1.Value.1=available&DryRun=true",
		"Tags.member.1.Key=a&Tags.member.1.Value=b", "A.1.2.3.4=5&A.1=6&.=7&..=8&A.=9", "StartTime=2026-01-02T03:04:05Z&MaxSize=1&Blob=aGk=",
	} {
		f.Add(uint16(n*100), body)
	}
	f.Fuzz(func(t *testing.T, n uint16, body string) {
		params, err := url.ParseQuery(body)
		if err != nil {
			return
		}
		to := all[int(n)%len(all)]
		in := reflect.New(to.of).Interface()
		refused(t, to.service.DecodeQuery(params, in))
		to.service.Missing(in)
	})
}

func FuzzDecodeJSON(f *testing.F) {
	all := inputs(JSON11)
	for n, body := range []string{`{"Name":"a","Value":"b","Tags":[{"Key":"k","Value":"v"}]}`, `{"KeyId":null,"Parameters":{"a":["b"]}}`, `[[[]]]`, `1e999`} {
		f.Add(uint16(n*100), []byte(body))
	}
	f.Fuzz(func(t *testing.T, n uint16, body []byte) {
		to := all[int(n)%len(all)]
		in := reflect.New(to.of).Interface()
		refused(t, to.service.DecodeJSON(body, in))
		to.service.Missing(in)
	})
}

func refused(t *testing.T, err error) {
	if err == nil {
		return
	}
	if _, ok := errors.AsType[*Unreadable](err); !ok {
		t.Fatalf("no reason that a client could be told: %v", err)
	}
}
