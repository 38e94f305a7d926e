package awstest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

const (
	third    = "333333333333"
	orgARN   = "arn:aws:organizations::123456789012:organization/o-abcdefghij"
	unitARN  = "arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-root-12345678"
	chinaORG = "arn:aws-cn:organizations::123456789012:organization/o-abcdefghij"
)

func clientOf(cloud *awstest.Cloud, account, region string) *ec2.Client {
	return ec2.NewFromConfig(cloud.Account(account).Config(region))
}

// unblock lets the default account make images public.
func unblock(t *testing.T, client *ec2.Client) {
	t.Helper()
	_, err := client.DisableImageBlockPublicAccess(t.Context(), nil)
	require.NoError(t, err)
}

func adds(permissions ...ec2types.LaunchPermission) *ec2types.LaunchPermissionModifications {
	return &ec2types.LaunchPermissionModifications{Add: permissions}
}

func shareImage(t *testing.T, client *ec2.Client, id string, permissions ...ec2types.LaunchPermission) {
	t.Helper()
	_, err := client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: adds(permissions...)})
	require.NoError(t, err)
}

func user(account string) ec2types.LaunchPermission {
	return ec2types.LaunchPermission{UserId: &account}
}

var everybody = ec2types.LaunchPermission{Group: ec2types.PermissionGroupAll}

func launchPermissions(t *testing.T, client *ec2.Client, id string) []ec2types.LaunchPermission {
	t.Helper()
	out, err := client.DescribeImageAttribute(t.Context(), &ec2.DescribeImageAttributeInput{
		ImageId: &id, Attribute: ec2types.ImageAttributeNameLaunchPermission})
	require.NoError(t, err)
	return out.LaunchPermissions
}

func TestLaunchPermissionsTakeEitherShape(t *testing.T) {
	all := []ec2types.LaunchPermission{
		everybody,
		{OrganizationArn: new(orgARN)},
		{OrganizationalUnitArn: new(unitARN)},
		user(stranger), user(third),
	}
	structures := ec2.ModifyImageAttributeInput{LaunchPermission: &ec2types.LaunchPermissionModifications{Add: all}}
	lists := ec2.ModifyImageAttributeInput{
		Attribute: new("launchPermission"), OperationType: ec2types.OperationTypeAdd, UserIds: []string{third, stranger},
		UserGroups: []string{"all"}, OrganizationArns: []string{orgARN}, OrganizationalUnitArns: []string{unitARN},
	}
	for name, c := range map[string]struct{ add, remove ec2.ModifyImageAttributeInput }{
		"structures": {structures, ec2.ModifyImageAttributeInput{LaunchPermission: &ec2types.LaunchPermissionModifications{
			Remove: []ec2types.LaunchPermission{{Group: "all", UserId: new(stranger), OrganizationArn: new(orgARN), OrganizationalUnitArn: new(unitARN)}, user("444444444444")}}}},
		"lists": {lists, ec2.ModifyImageAttributeInput{
			Attribute: new("launchPermission"), OperationType: ec2types.OperationTypeRemove, UserIds: []string{stranger, "444444444444"},
			UserGroups: []string{"all"}, OrganizationArns: []string{orgARN}, OrganizationalUnitArns: []string{unitARN},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			client := ec2.NewFromConfig(cloud.Config(home))
			unblock(t, client)
			id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
			c.add.ImageId, c.remove.ImageId = &id, &id
			for range 2 { // the second time is no mistake
				_, err := client.ModifyImageAttribute(t.Context(), &c.add)
				require.NoError(t, err)
				assert.Equal(t, all, launchPermissions(t, client, id))
				assert.True(t, *readImage(t, client, id).Public)
			}
			for range 2 {
				_, err := client.ModifyImageAttribute(t.Context(), &c.remove)
				require.NoError(t, err)
				assert.Equal(t, []ec2types.LaunchPermission{user(third)}, launchPermissions(t, client, id))
				assert.False(t, *readImage(t, client, id).Public)
			}
			_, err := client.ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &id, Attribute: "launchPermission"})
			require.NoError(t, err)
			assert.Empty(t, launchPermissions(t, client, id))
		})
	}
}

func TestModifyImageAttributeRefuses(t *testing.T) {
	own := func(s *scene) string { return s.own }
	grant := func(permissions ...ec2types.LaunchPermission) ec2.ModifyImageAttributeInput {
		return ec2.ModifyImageAttributeInput{LaunchPermission: adds(permissions...)}
	}
	list := func(in ec2.ModifyImageAttributeInput) ec2.ModifyImageAttributeInput {
		in.Attribute = new("launchPermission")
		return in
	}
	value := func(v string) *ec2types.AttributeValue { return &ec2types.AttributeValue{Value: &v} }
	tooMany := make([]string, 10001)
	for i := range tooMany {
		tooMany[i] = fmt.Sprintf("%012d", i)
	}
	for name, c := range map[string]struct {
		image         func(*scene) string
		in            ec2.ModifyImageAttributeInput
		code, message string
	}{
		"pending":                    {func(s *scene) string { return s.pending }, grant(user(stranger)), "InvalidAMIID.Unavailable", "is currently pending and may not be used for this operation"},
		"pending, description":       {func(s *scene) string { return s.pending }, ec2.ModifyImageAttributeInput{Description: value("x")}, "InvalidAMIID.Unavailable", "currently pending"},
		"pending, imdsSupport":       {func(s *scene) string { return s.pending }, ec2.ModifyImageAttributeInput{ImdsSupport: value("v2.0")}, "InvalidAMIID.Unavailable", "currently pending"},
		"disabled":                   {func(s *scene) string { return s.disabled }, grant(user(stranger)), "InvalidAMIID.Unavailable", "currently disabled"},
		"not yours":                  {func(s *scene) string { return s.shared }, grant(user(third)), "AuthFailure", "Not authorized for image:ami-"},
		"not yours, public":          {func(s *scene) string { return s.base }, grant(user(third)), "AuthFailure", "Not authorized for image:ami-"},
		"not visible":                {func(s *scene) string { return s.private }, grant(user(third)), "InvalidAMIID.NotFound", ""},
		"unknown":                    {func(*scene) string { return unknownAMI }, grant(user(third)), "InvalidAMIID.NotFound", unknownAMI},
		"malformed":                  {func(*scene) string { return "ami-x" }, grant(user(third)), "InvalidAMIID.Malformed", "ami-x"},
		"default key":                {func(s *scene) string { return s.secret }, grant(user(stranger)), "InvalidParameter", "Snapshots encrypted with the AWS Managed CMK can’t be shared. Specify another snapshot."},
		"default key, organization":  {func(s *scene) string { return s.secret }, grant(ec2types.LaunchPermission{OrganizationArn: new(orgARN)}), "InvalidParameter", "AWS Managed CMK"},
		"default key, all":           {func(s *scene) string { return s.secret }, grant(everybody), "InvalidParameter", "AWS Managed CMK"},
		"block public access":        {own, grant(everybody), "OperationNotPermitted", "you must call the DisableImageBlockPublicAccess API"},
		"short account":              {own, grant(user("12345")), "InvalidAMIAttributeItemValue", `Invalid attribute item value "12345" for userId item type.`},
		"account with dashes":        {own, list(ec2.ModifyImageAttributeInput{OperationType: "add", UserIds: []string{"1234-5678-9012"}}), "InvalidAMIAttributeItemValue", "userId"},
		"remove malformed account":   {own, list(ec2.ModifyImageAttributeInput{OperationType: "remove", UserIds: []string{"me"}}), "InvalidAMIAttributeItemValue", "userId"},
		"other group":                {own, list(ec2.ModifyImageAttributeInput{OperationType: "add", UserGroups: []string{"some"}}), "InvalidAMIAttributeItemValue", "group"},
		"bare organization":          {own, grant(ec2types.LaunchPermission{OrganizationArn: new("o-abcdefghij")}), "InvalidAMIAttributeItemValue", "organizationArn"},
		"bare unit":                  {own, grant(ec2types.LaunchPermission{OrganizationalUnitArn: new("ou-root-12345678")}), "InvalidAMIAttributeItemValue", "organizationalUnitArn"},
		"unit as organization":       {own, grant(ec2types.LaunchPermission{OrganizationArn: new(unitARN)}), "InvalidAMIAttributeItemValue", "organizationArn"},
		"organization as unit":       {own, grant(ec2types.LaunchPermission{OrganizationalUnitArn: new(orgARN)}), "InvalidAMIAttributeItemValue", "organizationalUnitArn"},
		"empty permission":           {own, grant(ec2types.LaunchPermission{}), "MissingParameter", "must name a user"},
		"empty permission to remove": {own, ec2.ModifyImageAttributeInput{LaunchPermission: &ec2types.LaunchPermissionModifications{Remove: []ec2types.LaunchPermission{{}}}}, "MissingParameter", "must name a user"},
		"nobody":                     {own, grant(), "MissingParameter", "to add or to remove"},
		"nothing":                    {own, ec2.ModifyImageAttributeInput{}, "MissingParameter", "attribute"},
		"value without a name":       {own, ec2.ModifyImageAttributeInput{Value: new("x")}, "MissingParameter", "attribute"},
		"lists without a name":       {own, ec2.ModifyImageAttributeInput{UserGroups: []string{"all"}}, "MissingParameter", "The request must contain the parameter LaunchPermission"},
		"name alone":                 {own, list(ec2.ModifyImageAttributeInput{}), "MissingParameter", "operationType"},
		"lists without an operation": {own, list(ec2.ModifyImageAttributeInput{UserIds: []string{stranger}}), "MissingParameter", "operationType"},
		"unknown operation":          {own, list(ec2.ModifyImageAttributeInput{OperationType: "set", UserIds: []string{stranger}}), "InvalidParameterValue", "operationType"},
		"both shapes": {own, ec2.ModifyImageAttributeInput{LaunchPermission: adds(user(stranger)), OperationType: "add", UserIds: []string{stranger}},
			"InvalidParameterCombination", "one way"},
		"too many accounts":          {own, list(ec2.ModifyImageAttributeInput{OperationType: "add", UserIds: tooMany}), "InvalidParameterValue", "10000"},
		"two attributes":             {own, ec2.ModifyImageAttributeInput{Description: value("x"), ImdsSupport: value("v2.0")}, "InvalidParameterCombination", "Only one attribute"},
		"name of another":            {own, ec2.ModifyImageAttributeInput{Attribute: new("imdsSupport"), Description: value("x")}, "InvalidParameterCombination", "Only one attribute"},
		"unknown attribute":          {own, ec2.ModifyImageAttributeInput{Attribute: new("productCodes"), Value: new("x")}, "InvalidParameterValue", "productCodes"},
		"operation of a description": {own, ec2.ModifyImageAttributeInput{Description: value("x"), OperationType: "add"}, "InvalidParameterCombination", "launchPermission only"},
		"permission with a value":    {own, list(ec2.ModifyImageAttributeInput{Value: new("x"), OperationType: "add", UserIds: []string{stranger}}), "InvalidParameterCombination", "value"},
		"description without one":    {own, ec2.ModifyImageAttributeInput{Attribute: new("description")}, "MissingParameter", "value"},
		"long description":           {own, ec2.ModifyImageAttributeInput{Description: value(strings.Repeat("a", 256))}, "InvalidParameterValue", "255"},
		"imdsSupport taken back":     {own, ec2.ModifyImageAttributeInput{ImdsSupport: value("v1.0")}, "InvalidParameterValue", "v2.0"},
		"imdsSupport without one":    {own, ec2.ModifyImageAttributeInput{Attribute: new("imdsSupport")}, "InvalidParameterValue", "v2.0"},
		"dry run":                    {own, ec2.ModifyImageAttributeInput{DryRun: new(true), LaunchPermission: adds(user(stranger))}, "DryRunOperation", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c.in.ImageId = new(c.image(s))
			_, err := s.ModifyImageAttribute(t.Context(), &c.in)
			requireCode(t, err, c.code, c.message)
			assert.Empty(t, launchPermissions(t, s.Client, s.own))
			assert.Empty(t, launchPermissions(t, s.Client, s.secret))
		})
	}
}

func TestPublicImagesHaveNoSecrets(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	unblock(t, client)
	secret := region.OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true, KeyID: region.Key(awstest.KeySeed{})})
	paid := region.OwnImage(awstest.ImageSeed{Name: "paid", ProductCodes: []string{"abc"}})
	publish := func(id string) error {
		_, err := client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: adds(everybody)})
		return err
	}
	requireCode(t, publish(secret), "OperationNotPermitted", "encrypted snapshot")
	requireCode(t, publish(paid), "OperationNotPermitted", "product code")
	shareImage(t, client, secret, user(stranger))
	assert.Equal(t, []ec2types.LaunchPermission{user(stranger)}, launchPermissions(t, client, secret))
}

func TestUnconfirmedCodesOfSharing(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{
		PublicRefused: "InvalidParameter", ShareDisabled: "IncorrectState", CancelShare: "InvalidRequest", ProtectedImage: "IncorrectState",
		PublicDeprecation: "InvalidRequest", PolicyManaged: "UnauthorizedOperation",
	}))
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	unblock(t, client)
	key := region.Key(awstest.KeySeed{})
	secret := region.OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true, KeyID: key})
	disabled := region.OwnImage(awstest.ImageSeed{Name: "disabled"})
	public := region.OwnImage(awstest.ImageSeed{Name: "public", Public: true})
	_, err := client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &disabled})
	require.NoError(t, err)

	_, err = client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &secret, LaunchPermission: adds(everybody)})
	requireCode(t, err, "InvalidParameter", "")
	snapshot := *readImage(t, client, secret).BlockDeviceMappings[0].Ebs.SnapshotId
	_, err = client.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &snapshot, OperationType: "add", GroupNames: []string{"all"}})
	requireCode(t, err, "InvalidParameter", "")
	_, err = client.ModifyImageAttribute(t.Context(), &ec2.ModifyImageAttributeInput{ImageId: &disabled, LaunchPermission: adds(user(stranger))})
	requireCode(t, err, "IncorrectState", "disabled")
	_, err = client.CancelImageLaunchPermission(t.Context(), &ec2.CancelImageLaunchPermissionInput{ImageId: &public})
	requireCode(t, err, "InvalidRequest", "")
	_, err = client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: &public})
	requireCode(t, err, "InvalidRequest", "")
	_, err = client.EnableImageDeregistrationProtection(t.Context(), &ec2.EnableImageDeregistrationProtectionInput{ImageId: &public})
	require.NoError(t, err)
	_, err = client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &public})
	requireCode(t, err, "IncorrectState", "")
	region.DeclarePublicAccessBlocked()
	_, err = client.DisableImageBlockPublicAccess(t.Context(), nil)
	requireCode(t, err, "UnauthorizedOperation", "")
}

func TestResetImageAttributeRefuses(t *testing.T) {
	s := newScene(t)
	_, err := s.ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &s.pending, Attribute: "launchPermission"})
	requireCode(t, err, "InvalidAMIID.Unavailable", "pending")
	_, err = s.ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &s.own, Attribute: "description"})
	requireCode(t, err, "InvalidParameterValue", "description")
	_, err = s.ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &s.base, Attribute: "launchPermission"})
	requireCode(t, err, "AuthFailure", "")
}

// seenImages lists the ids that an account sees.
func seenImages(t *testing.T, client *ec2.Client, in ec2.DescribeImagesInput) (ids []string) {
	t.Helper()
	out, err := client.DescribeImages(t.Context(), &in)
	require.NoError(t, err)
	for _, i := range out.Images {
		ids = append(ids, *i.ImageId)
	}
	return ids
}

func TestWhatAConsumerSees(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	org := cloud.Organization("o-abcdefghij", awstest.DefaultAccount)
	unit := org.Unit("ou-root-12345678")
	inner := unit.Unit("ou-root-87654321", stranger)
	require.Equal(t, orgARN, org.ARN())
	require.Equal(t, unitARN, unit.ARN())
	own := func(name string, to ...string) string {
		return region.OwnImage(awstest.ImageSeed{Name: name, SharedWith: to, Tags: map[string]string{"secret": "yes", "ec2:SharedTag/app": "web"}})
	}
	private := own("private")
	direct := own("direct", stranger)
	byOrg, byUnit, byInner := own("org", orgARN), own("unit", unitARN), own("inner", inner.ARN())
	china := own("china", chinaORG)
	elsewhere := own("elsewhere", "arn:aws:organizations::123456789012:organization/o-zzzzzzzzzz", third)
	public := region.OwnImage(awstest.ImageSeed{Name: "public", Public: true})
	consumer, outsider := clientOf(cloud, stranger, home), clientOf(cloud, third, home)

	for name, c := range map[string]struct {
		client *ec2.Client
		in     ec2.DescribeImagesInput
		want   []string
	}{
		"all that one may launch":     {consumer, ec2.DescribeImagesInput{}, []string{direct, byOrg, byUnit, byInner, china, public}},
		"of an owner":                 {consumer, ec2.DescribeImagesInput{Owners: []string{awstest.DefaultAccount}}, []string{direct, byOrg, byUnit, byInner, china, public}},
		"one's own":                   {consumer, ec2.DescribeImagesInput{Owners: []string{"self"}}, nil},
		"shared with oneself":         {consumer, ec2.DescribeImagesInput{ExecutableUsers: []string{"self"}}, []string{direct, byOrg, byUnit, byInner, china}},
		"shared with one's account":   {consumer, ec2.DescribeImagesInput{ExecutableUsers: []string{stranger}}, []string{direct, byOrg, byUnit, byInner, china}},
		"shared with all":             {consumer, ec2.DescribeImagesInput{ExecutableUsers: []string{"all"}}, []string{public}},
		"shared with others":          {consumer, ec2.DescribeImagesInput{ExecutableUsers: []string{third}}, nil},
		"outside the organization":    {outsider, ec2.DescribeImagesInput{}, []string{elsewhere, public}},
		"the owner's":                 {client, ec2.DescribeImagesInput{}, []string{private, direct, byOrg, byUnit, byInner, china, elsewhere, public}},
		"the owner, of a consumer":    {client, ec2.DescribeImagesInput{ExecutableUsers: []string{stranger}}, []string{direct}},
		"the owner, as a member":      {client, ec2.DescribeImagesInput{ExecutableUsers: []string{"self"}}, []string{byOrg, china}},
		"the owner, all or the third": {client, ec2.DescribeImagesInput{ExecutableUsers: []string{"all", third}}, []string{elsewhere, public}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, seenImages(t, c.client, c.in))
		})
	}

	assert.Equal(t, []ec2types.Tag{{Key: new("ec2:SharedTag/app"), Value: new("web")}}, readImage(t, consumer, direct).Tags)
	_, err := consumer.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{direct, private}})
	requireCode(t, err, "InvalidAMIID.NotFound", private)
	for id, want := range map[string]awstest.ImageCategory{private: awstest.CategoryPrivate, direct: awstest.CategoryShared,
		byOrg: awstest.CategoryShared, public: awstest.CategoryPublic, unknownAMI: "",
		region.OwnImage(awstest.ImageSeed{Name: "paid", ProductCodes: []string{"abc"}}): awstest.CategoryMarketplace} {
		assert.Equal(t, want, region.ImageCategory(id))
	}

	run := ec2.RunInstancesInput{MinCount: new(int32(1)), MaxCount: new(int32(1)), ImageId: &byInner, InstanceType: "t3.micro"}
	_, err = consumer.RunInstances(t.Context(), &run)
	require.NoError(t, err)
	_, err = outsider.RunInstances(t.Context(), &run)
	requireCode(t, err, "InvalidAMIID.NotFound", byInner)
	_, err = consumer.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("copy"), SourceImageId: &byInner, SourceRegion: new(home)})
	requireCode(t, err, "InvalidRequest", "You do not have permission to access the storage of this ami")

	org.Leave(stranger)
	assert.Equal(t, []string{direct, public}, seenImages(t, consumer, ec2.DescribeImagesInput{}))
	unit.Add(third)
	assert.Equal(t, []string{byOrg, byUnit, china, elsewhere, public}, seenImages(t, outsider, ec2.DescribeImagesInput{}))
}

func TestOrganizationIdsAreAsOnAWS(t *testing.T) {
	cloud := awstest.Start(t)
	org := cloud.Organization("o-abcdefghij")
	assert.Equal(t, orgARN, org.ARN())
	assert.Equal(t, "arn:aws:organizations::222222222222:organization/o-bbbbbbbbbb", cloud.Organization("o-bbbbbbbbbb", stranger, third).ARN())
	assert.Panics(t, func() { cloud.Organization("o-short") })
	assert.Panics(t, func() { cloud.Organization("abcdefghijkl") })
	assert.Panics(t, func() { org.Unit("ou-1") })
}

func TestConsumerGivesAnImageBack(t *testing.T) {
	cloud := awstest.Start(t)
	region := cloud.Region(home)
	cloud.Organization("o-abcdefghij", stranger)
	client, consumer := ec2.NewFromConfig(cloud.Config(home)), clientOf(cloud, stranger, home)
	direct := region.OwnImage(awstest.ImageSeed{Name: "direct", SharedWith: []string{stranger, third}})
	byOrg := region.OwnImage(awstest.ImageSeed{Name: "org", SharedWith: []string{orgARN, "arn:aws:organizations::222222222222:organization/o-abcdefghij"}})
	cancel := func(id string) error {
		out, err := consumer.CancelImageLaunchPermission(t.Context(), &ec2.CancelImageLaunchPermissionInput{ImageId: &id})
		if err == nil {
			assert.True(t, *out.Return)
		}
		return err
	}
	require.NoError(t, cancel(direct))
	assert.Equal(t, []ec2types.LaunchPermission{user(third)}, launchPermissions(t, client, direct))
	requireCode(t, cancel(direct), "InvalidAMIID.NotFound", "")
	requireCode(t, cancel(byOrg), "OperationNotPermitted", "not explicitly shared")
	requireCode(t, cancel(region.PublicImage("base")), "OperationNotPermitted", "not explicitly shared")
	requireCode(t, cancel("ami-x"), "InvalidAMIID.Malformed", "")
}

func TestSharingQuotas(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithQuotas(awstest.Quotas{ImageSharing: 3, PublicImages: 1}))
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	unblock(t, client)
	one, two := region.OwnImage(awstest.ImageSeed{Name: "one"}), region.OwnImage(awstest.ImageSeed{Name: "two"})
	share := func(ctx context.Context, id string, change ec2types.LaunchPermissionModifications) error {
		_, err := client.ModifyImageAttribute(ctx, &ec2.ModifyImageAttributeInput{ImageId: &id, LaunchPermission: &change})
		return err
	}
	shareImage(t, client, one, user(stranger), user(third), ec2types.LaunchPermission{OrganizationArn: new(orgARN)})
	shareImage(t, client, one, user(stranger), everybody)
	requireCode(t, share(t.Context(), one, *adds(user("444444444444"))), "ResourceLimitExceeded", "quota of 3")
	require.NoError(t, share(t.Context(), one, ec2types.LaunchPermissionModifications{
		Add: []ec2types.LaunchPermission{user("444444444444")}, Remove: []ec2types.LaunchPermission{user(third)}}), "one for another")
	requireCode(t, share(t.Context(), two, *adds(everybody)), "ResourceLimitExceeded", "You have reached your quota of 1 for the number of public images allowed in this Region.")
	shareImage(t, client, two, user(stranger))
	require.NoError(t, share(t.Context(), one, ec2types.LaunchPermissionModifications{Remove: []ec2types.LaunchPermission{everybody}}))
	shareImage(t, client, two, everybody)
	assert.Equal(t, 1000, awstest.AWSQuotas.ImageSharing)
	assert.Equal(t, 5, awstest.AWSQuotas.PublicImages)
}

func TestPublicImagesAreDeprecatedAfterTwoYears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
		unblock(t, client)
		deprecate := func(id string, at time.Time) error {
			_, err := client.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: &at})
			return err
		}
		cancel := func(id string) error {
			_, err := client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: &id})
			return err
		}
		id := region.OwnImage(awstest.ImageSeed{Name: "golden", Age: 24 * time.Hour})
		now := cloud.Now()

		require.NoError(t, deprecate(id, now.AddDate(9, 0, 0).Add(30*time.Second)))
		assert.Equal(t, "2009-01-01T00:01:00.000Z", *readImage(t, client, id).DeprecationTime, "to the nearest minute")
		shareImage(t, client, id, everybody)
		assert.Equal(t, "2001-12-31T00:00:00.000Z", *readImage(t, client, id).DeprecationTime, "two years from its creation")
		requireCode(t, deprecate(id, now.AddDate(2, 0, 0)), "InvalidParameterValue", "2001-12-31")
		requireCode(t, cancel(id), "OperationNotPermitted", "public")
		require.NoError(t, deprecate(id, now.Add(time.Hour)))
		assert.Equal(t, "2000-01-01T01:00:00.000Z", *readImage(t, client, id).DeprecationTime)
		shareImage(t, client, id, user(stranger))
		assert.Equal(t, "2000-01-01T01:00:00.000Z", *readImage(t, client, id).DeprecationTime, "an earlier time stays")

		cloud.Advance(time.Hour)
		consumer := clientOf(cloud, stranger, home)
		assert.Empty(t, seenImages(t, consumer, ec2.DescribeImagesInput{}))
		assert.Equal(t, []string{id}, seenImages(t, consumer, ec2.DescribeImagesInput{IncludeDeprecated: new(true)}))
		assert.Equal(t, []string{id}, seenImages(t, consumer, ec2.DescribeImagesInput{ImageIds: []string{id}}))
		assert.Equal(t, []string{id}, seenImages(t, client, ec2.DescribeImagesInput{}))

		_, err := client.ResetImageAttribute(t.Context(), &ec2.ResetImageAttributeInput{ImageId: &id, Attribute: "launchPermission"})
		require.NoError(t, err)
		require.NoError(t, cancel(id), "private again")
		assert.Nil(t, readImage(t, client, id).DeprecationTime)
	})
}

func TestDisabledImagesForgetTheirGrantees(t *testing.T) {
	cloud := awstest.Start(t)
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger, orgARN}})
	_, err := client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &id})
	require.NoError(t, err)
	assert.Empty(t, launchPermissions(t, client, id))
	_, err = client.EnableImage(t.Context(), &ec2.EnableImageInput{ImageId: &id})
	require.NoError(t, err)
	assert.Empty(t, launchPermissions(t, client, id))
}
