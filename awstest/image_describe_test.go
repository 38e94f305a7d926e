package awstest_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

func names(t *testing.T, client *ec2.Client, in ec2.DescribeImagesInput) (out []string) {
	t.Helper()
	pages := ec2.NewDescribeImagesPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, i := range page.Images {
			out = append(out, *i.Name)
		}
	}
	return out
}

func TestImageFilters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		client := ec2.NewFromConfig(cloud.Config(home))
		region := cloud.Region(home)
		// Each image differs from "plain" in what its name says.
		plain := region.OwnImage(awstest.ImageSeed{Name: "plain"})
		region.OwnImage(awstest.ImageSeed{Name: "arm", Architecture: ec2types.ArchitectureValuesArm64})
		region.OwnImage(awstest.ImageSeed{Name: "big", RootGiB: 100})
		region.OwnImage(awstest.ImageSeed{Name: "data", DataGiB: []int32{9}})
		region.OwnImage(awstest.ImageSeed{Name: "secret", Encrypted: true})
		region.OwnImage(awstest.ImageSeed{Name: "tagged", Tags: map[string]string{"app": "web"}})
		region.OwnImage(awstest.ImageSeed{Name: "described", Description: "a*b"})
		region.OwnImage(awstest.ImageSeed{Name: "old", Age: 48 * time.Hour})
		region.OwnImage(awstest.ImageSeed{Name: "windows", Windows: true})
		base := region.PublicImage("public")
		instance := region.PreparedInstance(awstest.InstanceSeed{ImageID: base})
		made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("made"),
			BlockDeviceMappings: device("/dev/xvda", &ec2types.EbsBlockDevice{DeleteOnTermination: new(false)})})
		require.NoError(t, err)
		cloud.FailImages(awstest.ImageMatch{Name: "failed"}, "Server.InternalError", "out of luck")
		_, err = client.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("failed"), SourceImageId: &plain, SourceRegion: new(home)})
		require.NoError(t, err)
		snapshot := *readImage(t, client, *made.ImageId).BlockDeviceMappings[0].Ebs.SnapshotId
		all := []string{"plain", "arm", "big", "data", "secret", "tagged", "described", "old", "windows", "public", "made", "failed"}
		but := func(leave string) []string {
			return slices.DeleteFunc(slices.Clone(all), func(name string) bool { return name == leave })
		}

		for _, c := range []struct {
			name   string
			values []string
			want   []string
		}{
			{"architecture", []string{"arm64"}, []string{"arm"}},
			{"architecture", []string{"arm64", "x86_64"}, all},
			{"block-device-mapping.delete-on-termination", []string{"false"}, []string{"made"}},
			{"block-device-mapping.device-name", []string{"/dev/sdb"}, []string{"data"}},
			{"block-device-mapping.encrypted", []string{"true"}, []string{"secret"}},
			{"block-device-mapping.snapshot-id", []string{snapshot}, []string{"made"}},
			{"block-device-mapping.volume-size", []string{"100"}, []string{"big"}},
			{"block-device-mapping.volume-type", []string{"gp3"}, all},
			{"boot-mode", []string{"uefi-preferred"}, all},
			{"creation-date", []string{"1999-12-30T*"}, []string{"old"}},
			{"description", []string{`a\*b`}, []string{"described"}},
			{"description", []string{`a\*c`}, nil},
			{"ena-support", []string{"true"}, all},
			{"hypervisor", []string{"xen"}, all},
			{"image-id", []string{plain, unknownAMI}, []string{"plain"}},
			{"image-id", []string{unknownAMI}, nil},
			{"image-type", []string{"machine"}, all},
			{"image-type", []string{"kernel"}, nil},
			{"is-public", []string{"true"}, []string{"public"}},
			{"kernel-id", []string{"*"}, nil},
			{"manifest-location", []string{"amazon/public"}, []string{"public"}},
			{"name", []string{"p*"}, []string{"plain", "public"}},
			{"name", []string{"?rm", "big"}, []string{"arm", "big"}},
			{"owner-alias", []string{"amazon"}, []string{"public"}},
			{"owner-id", []string{awstest.DefaultAccount}, but("public")},
			{"platform", []string{"windows"}, []string{"windows"}},
			{"product-code", []string{"*"}, nil},
			{"product-code.type", []string{"*"}, nil},
			{"ramdisk-id", []string{"*"}, nil},
			{"root-device-name", []string{"/dev/xvda"}, all},
			{"root-device-type", []string{"ebs"}, all},
			{"source-image-id", []string{base}, []string{"made"}},
			{"source-image-region", []string{home}, []string{"made", "failed"}},
			{"source-instance-id", []string{instance}, []string{"made"}},
			{"sriov-net-support", []string{"simple"}, all},
			{"state", []string{"available"}, but("failed")},
			{"state-reason-code", []string{"Server.InternalError"}, []string{"failed"}},
			{"state-reason-message", []string{"out of *"}, []string{"failed"}},
			{"tag:app", []string{"web"}, []string{"tagged"}},
			{"tag:app", []string{"db"}, nil},
			{"tag-key", []string{"a*"}, []string{"tagged"}},
			{"virtualization-type", []string{"hvm"}, all},
		} {
			got := names(t, client, ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: &c.name, Values: c.values}}})
			assert.Equal(t, c.want, got, "%s=%s", c.name, c.values)
		}
		both := []ec2types.Filter{{Name: new("name"), Values: []string{"p*"}}, {Name: new("is-public"), Values: []string{"false"}}}
		assert.Equal(t, []string{"plain"}, names(t, client, ec2.DescribeImagesInput{Filters: both}), "all filters must hold")
	})
}

func TestWhoSeesWhichImage(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	region.OwnImage(awstest.ImageSeed{Name: "own"})
	region.OwnImage(awstest.ImageSeed{Name: "given", SharedWith: []string{stranger}})
	region.OwnImage(awstest.ImageSeed{Name: "open", Public: true})
	region.ForeignImage(stranger, "private", false)
	region.ForeignImage(stranger, "shared", true)
	region.PublicImage("public")
	region.PublicImage("public")
	for name, c := range map[string]struct {
		in   ec2.DescribeImagesInput
		want []string
	}{
		"all that can be launched": {ec2.DescribeImagesInput{}, []string{"own", "given", "open", "shared", "public"}},
		"self":                     {ec2.DescribeImagesInput{Owners: []string{"self"}}, []string{"own", "given", "open"}},
		"an account":               {ec2.DescribeImagesInput{Owners: []string{stranger}}, []string{"shared"}},
		"amazon":                   {ec2.DescribeImagesInput{Owners: []string{"amazon"}}, []string{"public"}},
		"amazon's account":         {ec2.DescribeImagesInput{Owners: []string{awstest.AmazonAccount}}, []string{"public"}},
		"marketplace":              {ec2.DescribeImagesInput{Owners: []string{"aws-marketplace"}}, nil},
		"several owners":           {ec2.DescribeImagesInput{Owners: []string{"amazon", "self"}}, []string{"own", "given", "open", "public"}},
		"shared with me":           {ec2.DescribeImagesInput{ExecutableUsers: []string{"self"}}, []string{"shared"}},
		"shared with another":      {ec2.DescribeImagesInput{ExecutableUsers: []string{stranger}}, []string{"given"}},
		"public":                   {ec2.DescribeImagesInput{ExecutableUsers: []string{"all"}}, []string{"open", "public"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, names(t, client, c.in))
		})
	}
	assert.Empty(t, names(t, ec2.NewFromConfig(cloud.Config(away)), ec2.DescribeImagesInput{}), "Regions do not mix")
}

func TestPagesOfImages(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithPageSize(2))
	client := ec2.NewFromConfig(cloud.Config(home))
	want := []string{"image-1", "image-2", "image-3", "image-4", "image-5"}
	for _, name := range want {
		cloud.Region(home).OwnImage(awstest.ImageSeed{Name: name})
	}
	assert.Equal(t, want, names(t, client, ec2.DescribeImagesInput{Owners: []string{"self"}}))
	assert.Equal(t, 3, cloud.Count("DescribeImages"))
	one, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{MaxResults: new(int32(1))})
	require.NoError(t, err)
	assert.Len(t, one.Images, 1)
	assert.NotNil(t, one.NextToken)
}

func TestDisabledImages(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	other := ec2.NewFromConfig(cloud.Account(stranger).Config(home))
	id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger}})
	require.Equal(t, []string{"golden"}, names(t, other, ec2.DescribeImagesInput{}))

	_, err := client.DisableImage(t.Context(), &ec2.DisableImageInput{ImageId: &id})
	require.NoError(t, err)

	assert.Empty(t, names(t, client, ec2.DescribeImagesInput{}))
	assert.Empty(t, names(t, client, ec2.DescribeImagesInput{ImageIds: []string{id}}))
	assert.Equal(t, []string{"golden"}, names(t, client, ec2.DescribeImagesInput{IncludeDisabled: new(true)}))
	assert.Equal(t, ec2types.ImageStateDisabled, cloud.Region(home).Images()[0].State)

	_, err = client.EnableImage(t.Context(), &ec2.EnableImageInput{ImageId: &id})
	require.NoError(t, err)
	assert.Equal(t, []string{"golden"}, names(t, client, ec2.DescribeImagesInput{}))
	assert.Empty(t, names(t, other, ec2.DescribeImagesInput{IncludeDisabled: new(true)}), "sharing does not come back")
}

func TestDeprecatedImages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t)
		client := ec2.NewFromConfig(cloud.Config(home))
		other := ec2.NewFromConfig(cloud.Account(stranger).Config(home))
		id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger}})
		_, err := client.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id,
			DeprecateAt: new(time.Now().Add(time.Hour + 40*time.Second))})
		require.NoError(t, err)
		assert.Equal(t, "2000-01-01T01:01:00.000Z", *readImage(t, client, id).DeprecationTime, "rounded to the minute")
		assert.Equal(t, []string{"golden"}, names(t, other, ec2.DescribeImagesInput{}))

		cloud.Advance(2 * time.Hour)

		assert.Empty(t, names(t, other, ec2.DescribeImagesInput{}))
		assert.Equal(t, []string{"golden"}, names(t, other, ec2.DescribeImagesInput{IncludeDeprecated: new(true)}))
		assert.Equal(t, []string{"golden"}, names(t, other, ec2.DescribeImagesInput{ImageIds: []string{id}}))
		assert.Equal(t, []string{"golden"}, names(t, client, ec2.DescribeImagesInput{}), "the owner goes on seeing it")
		instance := cloud.Account(stranger).Region(home).PreparedInstance(awstest.InstanceSeed{ImageID: id})
		assert.NotEmpty(t, instance, "launches go on")

		_, err = client.DisableImageDeprecation(t.Context(), &ec2.DisableImageDeprecationInput{ImageId: &id})
		require.NoError(t, err)
		assert.Equal(t, []string{"golden"}, names(t, other, ec2.DescribeImagesInput{}))
		assert.Nil(t, readImage(t, client, id).DeprecationTime)
	})
}

func TestPublicImagesAreDeprecatedWithinTwoYears(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden", Public: true})
	_, err := client.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(cloud.Now().AddDate(2, 1, 0))})
	requireCode(t, err, "InvalidParameterValue", "later")
	_, err = client.EnableImageDeprecation(t.Context(), &ec2.EnableImageDeprecationInput{ImageId: &id, DeprecateAt: new(cloud.Now().AddDate(1, 11, 0))})
	require.NoError(t, err)
}
