package awstest_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func rootSnapshot(t *testing.T, client *ec2.Client, imageID string) string {
	t.Helper()
	return *readImage(t, client, imageID).BlockDeviceMappings[0].Ebs.SnapshotId
}

func volumePermissions(t *testing.T, client *ec2.Client, id string) []ec2types.CreateVolumePermission {
	t.Helper()
	out, err := client.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &id, Attribute: "createVolumePermission"})
	require.NoError(t, err)
	assert.Equal(t, id, *out.SnapshotId)
	return out.CreateVolumePermissions
}

func TestVolumePermissionsTakeEitherShape(t *testing.T) {
	mine := ec2types.CreateVolumePermission{UserId: new(stranger)}
	all := ec2types.CreateVolumePermission{Group: "all"}
	other := ec2types.CreateVolumePermission{UserId: new(third)}
	for name, c := range map[string]struct {
		add, remove ec2.ModifySnapshotAttributeInput
	}{
		"structures": {
			ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{
				Add: []ec2types.CreateVolumePermission{{UserId: new(stranger), Group: "all"}, other}}},
			ec2.ModifySnapshotAttributeInput{Attribute: "createVolumePermission", CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{
				Remove: []ec2types.CreateVolumePermission{other, all}}},
		},
		"lists": {
			ec2.ModifySnapshotAttributeInput{OperationType: "add", UserIds: []string{stranger, third}, GroupNames: []string{"all"}},
			ec2.ModifySnapshotAttributeInput{Attribute: "createVolumePermission", OperationType: "remove", UserIds: []string{third}, GroupNames: []string{"all"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := awstest.Start(t)
			client := ec2.NewFromConfig(cloud.Config(home))
			image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
			id := rootSnapshot(t, client, image)
			c.add.SnapshotId, c.remove.SnapshotId = &id, &id
			for range 2 {
				_, err := client.ModifySnapshotAttribute(t.Context(), &c.add)
				require.NoError(t, err)
				assert.Equal(t, []ec2types.CreateVolumePermission{all, mine, other}, volumePermissions(t, client, id))
			}
			for range 2 {
				_, err := client.ModifySnapshotAttribute(t.Context(), &c.remove)
				require.NoError(t, err)
				assert.Equal(t, []ec2types.CreateVolumePermission{mine}, volumePermissions(t, client, id))
			}
			assert.Empty(t, launchPermissions(t, client, image), "the image itself is not shared by this")
			_, err := client.ResetSnapshotAttribute(t.Context(), &ec2.ResetSnapshotAttributeInput{SnapshotId: &id, Attribute: "createVolumePermission"})
			require.NoError(t, err)
			assert.Empty(t, volumePermissions(t, client, id))
		})
	}
}

func TestSnapshotAttributesRefuse(t *testing.T) {
	s := newScene(t)
	key := s.region.Key(awstest.KeySeed{})
	own := rootSnapshot(t, s.Client, s.own)
	secret := rootSnapshot(t, s.Client, s.secret)
	keyed := rootSnapshot(t, s.Client, s.region.OwnImage(awstest.ImageSeed{Name: "keyed", Encrypted: true, KeyID: key}))
	paid := rootSnapshot(t, s.Client, s.region.OwnImage(awstest.ImageSeed{Name: "paid", ProductCodes: []string{"abc"}}))
	foreign := rootSnapshot(t, s.Client, s.shared)
	hidden := rootSnapshot(t, clientOf(s.cloud, stranger, home), s.private)
	list := func(op ec2types.OperationType, users ...string) ec2.ModifySnapshotAttributeInput {
		return ec2.ModifySnapshotAttributeInput{OperationType: op, UserIds: users}
	}
	group := ec2.ModifySnapshotAttributeInput{OperationType: "add", GroupNames: []string{"all"}}
	change := func(add, remove []ec2types.CreateVolumePermission) ec2.ModifySnapshotAttributeInput {
		return ec2.ModifySnapshotAttributeInput{CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{Add: add, Remove: remove}}
	}
	one := []ec2types.CreateVolumePermission{{UserId: new(stranger)}}
	tooMany := make([]string, 501)
	for i := range tooMany {
		tooMany[i] = fmt.Sprintf("%012d", i)
	}
	for name, c := range map[string]struct {
		id            string
		in            ec2.ModifySnapshotAttributeInput
		code, message string
	}{
		"default key":                {secret, list("add", stranger), "OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared"},
		"default key, all":           {secret, group, "OperationNotPermitted", "Encrypted snapshots with EBS default key cannot be shared"},
		"encrypted, all":             {keyed, group, "OperationNotPermitted", "Encrypted snapshots cannot be shared publicly"},
		"product code, all":          {paid, group, "OperationNotPermitted", "product codes"},
		"not yours":                  {foreign, list("add", third), "AuthFailure", "Not authorized for snapshot:"},
		"not visible":                {hidden, list("add", third), "InvalidSnapshot.NotFound", hidden},
		"unknown":                    {unknownSnapshot, list("add", third), "InvalidSnapshot.NotFound", unknownSnapshot},
		"malformed":                  {"snap-x", list("add", third), "InvalidSnapshotID.Malformed", "snap-x"},
		"add and remove":             {own, change(one, one), "InvalidParameterCombination", "not both"},
		"both shapes":                {own, ec2.ModifySnapshotAttributeInput{UserIds: []string{stranger}, CreateVolumePermission: &ec2types.CreateVolumePermissionModifications{Add: one}}, "InvalidParameterCombination", "one way"},
		"nothing":                    {own, ec2.ModifySnapshotAttributeInput{}, "MissingParameter", "to add or to remove"},
		"nobody":                     {own, change(nil, nil), "MissingParameter", "to add or to remove"},
		"an empty permission":        {own, change([]ec2types.CreateVolumePermission{{}}, nil), "MissingParameter", "must name"},
		"an empty one to remove":     {own, change(nil, []ec2types.CreateVolumePermission{{}}), "MissingParameter", "must name"},
		"lists without an operation": {own, list("", stranger), "MissingParameter", "operationType"},
		"unknown operation":          {own, list("set", stranger), "InvalidParameterValue", "operationType"},
		"other attribute":            {own, ec2.ModifySnapshotAttributeInput{Attribute: "productCodes", OperationType: "add", UserIds: []string{stranger}}, "InvalidParameterValue", "productCodes"},
		"malformed account":          {own, list("add", "me"), "InvalidAMIAttributeItemValue", "userId"},
		"organization":               {own, list("add", orgARN), "InvalidAMIAttributeItemValue", "userId"},
		"other group":                {own, ec2.ModifySnapshotAttributeInput{OperationType: "add", GroupNames: []string{"some"}}, "InvalidAMIAttributeItemValue", "group"},
		"more than 500":              {own, list("add", tooMany...), "InvalidParameterValue", "500"},
		"dry run":                    {own, ec2.ModifySnapshotAttributeInput{DryRun: new(true), OperationType: "add", UserIds: []string{stranger}}, "DryRunOperation", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.SnapshotId = &c.id
			_, err := s.ModifySnapshotAttribute(t.Context(), &c.in)
			requireCode(t, err, c.code, c.message)
			for _, id := range []string{own, secret, keyed, paid} {
				assert.Empty(t, volumePermissions(t, s.Client, id))
			}
		})
	}

	_, err := s.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &own, OperationType: "add", UserIds: tooMany[:500]})
	require.NoError(t, err)
	_, err = s.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{SnapshotId: &secret, OperationType: "remove", UserIds: []string{stranger}})
	require.NoError(t, err, "to take away is always allowed")
	_, err = s.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &foreign, Attribute: "createVolumePermission"})
	requireCode(t, err, "AuthFailure", "")
	_, err = s.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &own, Attribute: "colour"})
	requireCode(t, err, "InvalidParameterValue", "colour")
	_, err = s.ResetSnapshotAttribute(t.Context(), &ec2.ResetSnapshotAttributeInput{SnapshotId: &foreign, Attribute: "createVolumePermission"})
	requireCode(t, err, "AuthFailure", "")
	_, err = s.ResetSnapshotAttribute(t.Context(), &ec2.ResetSnapshotAttributeInput{SnapshotId: &own, Attribute: "productCodes"})
	requireCode(t, err, "InvalidParameterValue", "productCodes")
	codes, err := s.DescribeSnapshotAttribute(t.Context(), &ec2.DescribeSnapshotAttributeInput{SnapshotId: &paid, Attribute: "productCodes"})
	require.NoError(t, err)
	assert.Equal(t, []ec2types.ProductCode{{ProductCodeId: new("abc"), ProductCodeType: "marketplace"}}, codes.ProductCodes)
}

func TestCopyingNeedsTheSnapshotsToo(t *testing.T) {
	cloud := awstest.Start(t)
	client, consumer := ec2.NewFromConfig(cloud.Config(home)), clientOf(cloud, stranger, away)
	image := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", DataGiB: []int32{20}, SharedWith: []string{orgARN}})
	assert.Empty(t, volumePermissions(t, client, rootSnapshot(t, client, image)), "snapshots are not shared with organizations")
	cloud.Region(home).Share(image, stranger, unitARN)
	assert.Equal(t, []ec2types.LaunchPermission{{OrganizationArn: new(orgARN)}, {OrganizationalUnitArn: new(unitARN)}, user(stranger)},
		launchPermissions(t, client, image))
	try := func() error {
		_, err := consumer.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("mine"), SourceImageId: &image, SourceRegion: new(home)})
		return err
	}
	for _, m := range readImage(t, client, image).BlockDeviceMappings {
		requireCode(t, try(), "InvalidRequest", "You do not have permission to access the storage of this ami")
		_, err := client.ModifySnapshotAttribute(t.Context(), &ec2.ModifySnapshotAttributeInput{
			SnapshotId: m.Ebs.SnapshotId, OperationType: "add", UserIds: []string{stranger}})
		require.NoError(t, err)
	}
	require.NoError(t, try())
	copied := cloud.Account(stranger).Region(away).Images()
	require.Len(t, copied, 1)
	assert.Empty(t, launchPermissions(t, consumer, *copied[0].ImageId), "a copy is private")
}
