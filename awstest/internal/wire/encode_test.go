package wire

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	autoscalingsdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	ssmsdk "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
)

// The answers have the shape of the examples in AWS's API references.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html
func TestShapeOfAnswers(t *testing.T) {
	const head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"
	assert.Equal(t, head+`<DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><imagesSet>`+
		`<item><imageId>ami-1</imageId><name>a &amp; b</name><tagSet><item><key>k</key><value></value></item></tagSet></item></imagesSet></DescribeImagesResponse>`,
		string(ec2.AppendXML(nil, "DescribeImages", "r-1", &ec2sdk.DescribeImagesOutput{Images: []ec2types.Image{{
			ImageId: aws.String("ami-1"), Name: aws.String("a & b"), Tags: []ec2types.Tag{{Key: aws.String("k"), Value: aws.String("")}}}}})))
	assert.Equal(t, head+`<CreateTagsResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r-1</requestId><return>true</return></CreateTagsResponse>`,
		string(ec2.AppendXML(nil, "CreateTags", "r-1", &ec2sdk.CreateTagsOutput{})))
	assert.Equal(t, head+`<StartInstanceRefreshResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><StartInstanceRefreshResult>`+
		`<InstanceRefreshId>x</InstanceRefreshId></StartInstanceRefreshResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></StartInstanceRefreshResponse>`,
		string(autoscaling.AppendXML(nil, "StartInstanceRefresh", "r-1", &autoscalingsdk.StartInstanceRefreshOutput{InstanceRefreshId: aws.String("x")})))
	assert.Equal(t, `{"Parameter":{"LastModifiedDate":1767322930.5,"Name":"a\u003cb","Version":2},"ResultMetadata":0}`,
		`{"Parameter":`+string(ssm.AppendJSON(nil, &ssmtypes.Parameter{Name: aws.String("a<b"), Version: 2,
			LastModifiedDate: aws.Time(time.UnixMilli(1767322930500))}))+`,"ResultMetadata":0}`)
}

// Lists that an answer is about are there also when nothing is in them: boto3
// has no key for one that is not.
func TestEmptyListsOfAnswers(t *testing.T) {
	assert.Contains(t, string(ec2.AppendXML(nil, "DescribeImages", "r", &ec2sdk.DescribeImagesOutput{})), "<imagesSet/>")
	image := string(ec2.AppendXML(nil, "DescribeImages", "r", &ec2sdk.DescribeImagesOutput{Images: []ec2types.Image{{BlockDeviceMappings: []ec2types.BlockDeviceMapping{}}}}))
	assert.NotContains(t, image, "tagSet", "an image without tags has none")
	assert.Contains(t, image, "<blockDeviceMapping/>")
	group := string(autoscaling.AppendXML(nil, "DescribeAutoScalingGroups", "r", &autoscalingsdk.DescribeAutoScalingGroupsOutput{
		AutoScalingGroups: []astypes.AutoScalingGroup{{MixedInstancesPolicy: &astypes.MixedInstancesPolicy{LaunchTemplate: &astypes.LaunchTemplate{}}}}}))
	assert.Contains(t, group, "<SuspendedProcesses/>")
	assert.NotContains(t, group, "<Overrides/>")
	assert.Equal(t, `{"InvalidParameters":[],"Parameters":[]}`, string(ssm.AppendJSON(nil, &ssmsdk.GetParametersOutput{})))
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html#api-error-response
// https://docs.aws.amazon.com/autoscaling/ec2/APIReference/CommonErrors.html
func TestShapeOfErrors(t *testing.T) {
	assert.Equal(t, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>no &lt;x&gt;</Message></Error></Errors><RequestID>r</RequestID></Response>`,
		string(ec2.AppendXMLError(nil, "r", "InvalidAMIID.NotFound", "no <x>", true)))
	assert.Equal(t, `<ErrorResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/"><Error><Type>Sender</Type><Code>AlreadyExists</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
		string(autoscaling.AppendXMLError(nil, "r", "AlreadyExists", "m", true)))
	assert.Contains(t, string(autoscaling.AppendXMLError(nil, "r", "InternalFailure", "m", false)), "<Type>Receiver</Type>")
	assert.Equal(t, `{"__type":"NotFoundException","message":"no key"}`,
		string(kms.AppendJSONError(nil, "NotFoundException", "no key", &kmstypes.NotFoundException{Message: aws.String("no key")})))
	assert.Equal(t, `{"__type":"ValidationException","message":"m"}`,
		string(ssm.AppendJSONError(nil, "ValidationException", "m", &smithy.GenericAPIError{Code: "ValidationException", Message: "m"})))
	// The type has no member for it, and clients that look for a message find one.
	assert.Equal(t, `{"__type":"InvalidFilterKey","message":"m"}`,
		string(ssm.AppendJSONError(nil, "InvalidFilterKey", "m", &ssmtypes.InvalidFilterKey{Message: aws.String("m")})))
	assert.Equal(t, `{"__type":"UnknownOperationException"}`, string(ssm.AppendJSONError(nil, "UnknownOperationException", "", nil)))
}

// What XML has no form for does not break an answer.
func TestTextThatXMLCannotHold(t *testing.T) {
	assert.Equal(t, "<a>x�y&#xD;\n\t�&quot;</a>", string(appendElement(nil, "a", "x\x00y\r\n\t\xff\"")))
}
