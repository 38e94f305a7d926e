package asg

import (
	"regexp"
	"strings"
)

// Diagnosis is what the message of a scaling activity usually means.
type Diagnosis struct {
	Hint       string // what it usually means; empty: not known
	InstanceID string // that the message names; empty: none
	ImageID    string // that the message names; empty: none
}

// DiagnoseActivity reads the StatusMessage of a scaling activity. AWS has no codes there,
// only text, which it may change: a Diagnosis is for people, and nothing in this
// module decides anything by it.
// https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-instancelaunchfailure.html
func DiagnoseActivity(message string) Diagnosis {
	d := Diagnosis{InstanceID: instanceID.FindString(message), ImageID: imageID.FindString(message)}
	text := strings.ToLower(message)
	for _, m := range meanings {
		if contains(text, m.all) {
			d.Hint = m.hint
			break
		}
	}
	return d
}

var (
	instanceID = regexp.MustCompile(`\bi-[0-9a-f]{8,17}\b`)
	imageID    = regexp.MustCompile(`\bami-[0-9a-z]{1,17}\b`)
)

// meanings go from the special to the general; the first that fits counts. All
// words of one are in the message, in small letters.
var meanings = []struct {
	all  []string
	hint string
}{
	{[]string{"ami", "does not exist"}, "the image is gone, or is not shared with this account"},
	{[]string{"image id", "does not exist"}, "the image is gone, or is not shared with this account"},
	{[]string{"not authorized for images"}, "the image is not shared with this account"},
	{[]string{"image id", "no longer available"}, "the image is gone, or is not shared with this account"},
	{[]string{"ami", "is currently pending"}, "the image is not available yet"},
	{[]string{"ami", "is currently disabled"}, "the image is disabled"},
	{[]string{"ami", "is pending"}, "the image is not available yet"},
	{[]string{"ami", "is disabled"}, "the image is disabled"},
	{[]string{"ami", "is not available"}, "the image is not available: it is pending, disabled or being deregistered"},
	{[]string{"client.invalidkmskey"}, "the KMS key of an encrypted snapshot is disabled or being deleted, or its policy or a missing grant keeps the service-linked role of Auto Scaling from it"},
	{[]string{"client.internalerror"}, "the KMS key of an encrypted volume cannot be used: grant it to the service-linked role of Auto Scaling"},
	{[]string{"kms"}, "a KMS key cannot be used: grant it to the service-linked role of Auto Scaling"},
	{[]string{"architecture", "does not match"}, "the image is for another architecture than the instance type"},
	{[]string{"not authorized to use launch template"}, "the launch template names what the caller may not use, such as an image of another account"},
	{[]string{"not have sufficient", "capacity"}, "EC2 has no capacity of this instance type in the Availability Zone now"},
	{[]string{"insufficient", "capacity"}, "EC2 has no capacity of this instance type in the Availability Zone now"},
	{[]string{"vcpu", "limit"}, "the vCPU quota of the account is used up"},
	{[]string{"quota allows"}, "an instance quota of the account is used up"},
	{[]string{"more instances", "current instance limit"}, "an instance quota of the account is used up"},
	{[]string{"free addresses"}, "the subnet has no free addresses"},
	{[]string{"security group", "does not exist"}, "a security group of the launch template is gone"},
	{[]string{"key pair", "does not exist"}, "the key pair of the launch template is gone"},
	{[]string{"iam", "instance profile"}, "the IAM instance profile of the launch template is gone or not usable"},
	{[]string{"marketplace"}, "the account has no subscription to the Marketplace product of the image"},
	{[]string{"not subscribed"}, "the account has no subscription to the Marketplace product of the image"},
	{[]string{"configuration is currently not supported"}, "the instance type does not take this configuration, or not in this Availability Zone"},
	{[]string{"heartbeat timeout"}, "a launch lifecycle hook was not completed in time"},
	{[]string{"lifecycle action", "abandon"}, "a launch lifecycle hook was abandoned"},
	{[]string{"health check"}, "new instances do not become healthy"},
	{[]string{"became unhealthy"}, "new instances do not become healthy"},
}

func contains(text string, all []string) bool {
	for _, words := range all {
		if !strings.Contains(text, words) {
			return false
		}
	}
	return true
}
