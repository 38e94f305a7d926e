package awstest

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// sentData is what of a template's data reaches EC2: an empty text, an empty
// list and a structure with nothing in it are not sent, or count as not sent.
// With a source version they leave what it has, and alone they are no data.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_edges.json (store-empty-object)
func sentData(data *ec2types.RequestLaunchTemplateData) *ec2types.RequestLaunchTemplateData {
	out := clone(data)
	v := reflect.ValueOf(out).Elem()
	for i := range v.NumField() {
		f := v.Field(i)
		if !f.CanSet() {
			continue
		}
		empty := f.Kind() == reflect.Pointer && !f.IsNil() && f.Elem().IsZero() &&
			(f.Elem().Kind() == reflect.String || f.Elem().Kind() == reflect.Struct)
		if empty || f.Kind() == reflect.Slice && f.Len() == 0 {
			f.SetZero()
		}
	}
	return out
}

// checkTemplateData is all that EC2 refuses when a version is made: what the
// data would launch is checked later, and told as a warning now. Data may be
// empty only on a source version.
func checkTemplateData(data *ec2types.RequestLaunchTemplateData, onSource bool, description *string) error {
	switch {
	case reflect.ValueOf(*data).IsZero() && !onSource:
		// https://github.com/awsdocs/aws-cloudformation-user-guide/pull/453
		return apiError("MissingParameter", "No launch template data was provided. Launch template data is required to create a launch template.")
	case utf8.RuneCountInString(aws.ToString(description)) > 255:
		return apiError("InvalidParameterValue", "The version description must not be longer than 255 characters")
	}
	if id := data.ImageId; id != nil && !strings.HasPrefix(*id, "ami-") && !strings.HasPrefix(*id, aliasPrefix) {
		// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_templates.json (store-invalid-values)
		return apiError("InvalidAMIID.Malformed", "The image ID '%s' is not valid. The expected format is ami-xxxxxxxx or ami-xxxxxxxxxxxxxxxxx.", *id)
	}
	if err := checkUserData(data.UserData); err != nil {
		return err
	}
	if m := data.MetadataOptions; m != nil {
		if err := checkHopLimit(m.HttpPutResponseHopLimit); err != nil {
			return err
		}
	}
	// https://github.com/aws-cloudformation/cfn-lint/issues/975
	for _, t := range data.TagSpecifications {
		switch {
		case t.ResourceType == "":
			return apiError("InvalidTagSpecification.Malformed", "The resource type cannot be null or empty.")
		case len(t.Tags) == 0:
			return apiError("InvalidTagSpecification.Malformed", "The tags cannot be null or empty.")
		}
	}
	return nil
}

// maxUserData is how many bytes user data may have before it is encoded.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
const maxUserData = 16384

// checkUserData refuses user data that is too long or not in base64.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_edges.json (store-bad-userdata)
func checkUserData(data *string) error {
	raw, err := base64.StdEncoding.DecodeString(aws.ToString(data))
	switch {
	case err != nil:
		return apiError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	case len(raw) > maxUserData:
		return apiError("InvalidParameterValue", "User data is limited to %d bytes", maxUserData)
	}
	return nil
}

// checkHopLimit keeps a hop limit within its range.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_edges.json (store-bad-metadata)
func checkHopLimit(hops *int32) error {
	if hops != nil && (*hops < 1 || *hops > 64) {
		return apiError("InvalidParameterValue", "A value of ‘%d’ is not valid for http-put-response-hop-limit. "+
			"Specify a value between 1 and 64, and try again.", *hops)
	}
	return nil
}

// warning tells, in a successful answer, why a launch would fail.
func (s *store) warning(data *ec2types.RequestLaunchTemplateData) *ec2types.ValidationWarning {
	err := unknownType(data.InstanceType)
	if err == nil && aws.ToString(data.ImageId) == "" { // a launch may name its own
		return nil
	}
	if err == nil {
		err = s.checkData(data)
	}
	code, message := apiParts(err)
	if err == nil || code == "" {
		return nil
	}
	return &ec2types.ValidationWarning{Errors: []ec2types.ValidationError{{Code: new(code), Message: new(message)}}}
}

// unknownType is what a warning says of an instance type that AWS does not
// have.
// https://github.com/radkawar/stackd/blob/main/testdata/aws/ec2/launch_template_edges.json (store-bad-type)
func unknownType(name ec2types.InstanceType) error {
	if name == "" || slices.Contains(name.Values(), name) {
		return nil
	}
	return apiError("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
}
