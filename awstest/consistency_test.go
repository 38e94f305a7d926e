package awstest_test

import (
	"fmt"
	"math/rand/v2"
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

func TestNewIDIsUnseenThenBareThenWhole(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithConsistency(awstest.Consistency{UnseenReads: 2, BareReads: 1}))
	client := ec2.NewFromConfig(cloud.Config(home))
	instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
	readInstance(t, client, instance) // a seed shows at once
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("web")})
	require.NoError(t, err)
	byID := &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}}
	byFilter := &ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("image-id"), Values: []string{*made.ImageId}}}}

	_, err = client.DescribeImages(t.Context(), byID)
	assert.Equal(t, "InvalidAMIID.NotFound", codeOf(err))
	out, err := client.DescribeImages(t.Context(), byFilter)
	require.NoError(t, err)
	assert.Empty(t, out.Images)

	for _, whole := range []bool{false, true, true} {
		out, err = client.DescribeImages(t.Context(), byID)
		require.NoError(t, err)
		assert.Equal(t, whole, out.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId != nil)
	}
	_, err = client.CopyImage(t.Context(), &ec2.CopyImageInput{Name: new("copy"), SourceImageId: made.ImageId, SourceRegion: new(home)})
	require.NoError(t, err, "an image that is seen has all it needs")
}

func TestUnseenForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithConsistency(awstest.Consistency{UnseenFor: 3 * time.Second, BareFor: time.Second, UnseenReads: 1}))
		client := ec2.NewFromConfig(cloud.Config(home))
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("web")})
		require.NoError(t, err)
		read := func() string {
			out, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{*made.ImageId}})
			switch {
			case err != nil:
				return codeOf(err)
			case out.Images[0].BlockDeviceMappings[0].Ebs.SnapshotId == nil:
				return "bare"
			}
			return "whole"
		}
		time.Sleep(3*time.Second - 1)
		assert.Equal(t, "InvalidAMIID.NotFound", read(), "the one read that is counted")
		assert.Equal(t, "InvalidAMIID.NotFound", read())
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "bare", read())
		time.Sleep(time.Second - 1)
		assert.Equal(t, "bare", read())
		time.Sleep(time.Nanosecond)
		assert.Equal(t, "whole", read())
	})
}

func TestEverythingNewMayBeUnseen(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithConsistency(awstest.Consistency{UnseenReads: 1}))
	client := ec2.NewFromConfig(cloud.Config(home))
	image := cloud.Region(home).PublicImage("base")
	for range 2 { // by id and name
		made, err := client.CreateLaunchTemplate(t.Context(), templateInput(fmt.Sprint("web-", rand.Int())))
		require.NoError(t, err)
		_, err = client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateName: made.LaunchTemplate.LaunchTemplateName, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{InstanceType: "t3.micro"},
		})
		assert.Equal(t, "InvalidLaunchTemplateName.NotFoundException", codeOf(err))
		_, err = client.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: []string{*made.LaunchTemplate.LaunchTemplateId}})
		assert.NoError(t, err)
	}
	ran, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{ImageId: &image, InstanceType: "t3.micro", MinCount: new(int32(1)), MaxCount: new(int32(1))})
	require.NoError(t, err)
	id := *ran.Instances[0].InstanceId
	_, err = client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{id}, Tags: tags("", "a", "b")[0].Tags})
	assert.Equal(t, "InvalidInstanceID.NotFound", codeOf(err))
	made, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &id, Name: new("web")})
	require.NoError(t, err)
	snapshots := cloud.Region(home).Snapshots()
	in := &ec2.DescribeSnapshotsInput{SnapshotIds: []string{*snapshots[len(snapshots)-1].SnapshotId}}
	_, err = client.DescribeSnapshots(t.Context(), in)
	assert.Equal(t, "InvalidSnapshot.NotFound", codeOf(err))
	_, err = client.DescribeSnapshots(t.Context(), in)
	assert.NoError(t, err)
	_ = made
}

func TestNameStaysTakenAfterDeregistering(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithConsistency(awstest.Consistency{NameTaken: time.Minute}))
		client := ec2.NewFromConfig(cloud.Config(home))
		id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "web"})
		instance := cloud.Region(home).PreparedInstance(awstest.InstanceSeed{})
		_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &id})
		require.NoError(t, err)
		create := func() error {
			_, err := client.CreateImage(t.Context(), &ec2.CreateImageInput{InstanceId: &instance, Name: new("web")})
			return err
		}
		time.Sleep(time.Minute - 1)
		assert.Equal(t, "InvalidAMIName.Duplicate", codeOf(create()))
		time.Sleep(time.Nanosecond)
		assert.NoError(t, create())
	})
}

func TestEmptyPagesComeBetween(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithConsistency(awstest.Consistency{EmptyPages: true}))
	client := ec2.NewFromConfig(cloud.Config(home))
	want := map[string]bool{}
	for n := range 5 {
		want[cloud.Region(home).OwnImage(awstest.ImageSeed{Name: fmt.Sprint("image-", n)})] = true
		_, err := client.CreateLaunchTemplate(t.Context(), templateInput(fmt.Sprint("web-", n)))
		require.NoError(t, err)
	}
	var sizes []int
	for p := ec2.NewDescribeImagesPaginator(client, &ec2.DescribeImagesInput{MaxResults: new(int32(2))}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.Images))
		for _, i := range page.Images {
			delete(want, *i.ImageId)
		}
	}
	assert.Equal(t, []int{0, 2, 0, 2, 0, 1}, sizes)
	assert.Empty(t, want)
	sizes = nil
	for p := ec2.NewDescribeLaunchTemplatesPaginator(client, &ec2.DescribeLaunchTemplatesInput{MaxResults: new(int32(2))}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		require.NoError(t, err)
		sizes = append(sizes, len(page.LaunchTemplates))
	}
	assert.Equal(t, []int{0, 2, 0, 2, 0, 1}, sizes)
}

// A search that an index narrows down finds what one over all images finds.
func TestSearchFindsTheSameWithAndWithoutIndex(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	region := cloud.Region(home)
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	var ids []string
	find := func(filters ...ec2types.Filter) (out []string) {
		got, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: filters})
		require.NoError(t, err)
		for _, i := range got.Images {
			out = append(out, *i.ImageId)
		}
		return out
	}
	for n := range 300 {
		switch op := random.IntN(10); {
		case op < 4 || len(ids) == 0:
			ids = append(ids, region.OwnImage(awstest.ImageSeed{Name: fmt.Sprint("image-", n), Tags: map[string]string{"stage": pick("test", "prod"), "team": pick("a", "b", "c")}}))
		case op < 5:
			_, err := client.DeregisterImage(t.Context(), &ec2.DeregisterImageInput{ImageId: &ids[0]})
			require.NoError(t, err)
			ids = ids[1:]
		case op < 8:
			_, err := client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{pick(ids...)}, Tags: tags("", "stage", pick("test", "prod", "old"))[0].Tags})
			require.NoError(t, err)
		default:
			value := pick("test", "prod", "old")
			literal := ec2types.Filter{Name: new("tag:stage"), Values: []string{value, pick("test", "none")}}
			slow := ec2types.Filter{Name: new("tag:stage"), Values: []string{literal.Values[0] + "*", literal.Values[1] + "*"}}
			team := ec2types.Filter{Name: new("tag:team"), Values: []string{pick("a", "b"), "c"}}
			all := slices.Clone(team.Values)
			for i := range all {
				all[i] += "*"
			}
			assert.Equal(t, find(slow, ec2types.Filter{Name: new("tag:team"), Values: all}), find(literal, team))
			name := fmt.Sprint("image-", random.IntN(n+1))
			assert.Equal(t, find(ec2types.Filter{Name: new("name"), Values: []string{name + "?", name + "*"}}),
				slices.Concat(find(ec2types.Filter{Name: new("name"), Values: []string{name}}), find(ec2types.Filter{Name: new("name"), Values: []string{name + "?*"}})))
		}
	}
}

func TestPatterns(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	for _, name := range []string{"web-1", "web-22", "api", "a b (c)", "aXbXc"} {
		cloud.Region(home).OwnImage(awstest.ImageSeed{Name: name, Tags: map[string]string{"v": name + "*", "u": "é" + name}})
	}
	for pattern, want := range map[string][]string{
		"web-?": {"web-1"}, "web-*": {"web-1", "web-22"}, "*": {"web-1", "web-22", "api", "a b (c)", "aXbXc"},
		"*b*": {"web-1", "web-22", "a b (c)", "aXbXc"}, "a*c": {"aXbXc"}, "a*b*c*": {"a b (c)", "aXbXc"}, `web-\?`: nil, "??i": {"api"},
		"": nil, "*b*b*": nil, "**1": {"web-1"}, "web-1?": nil,
	} {
		assert.ElementsMatch(t, want, names(t, client, ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("name"), Values: []string{pattern}}}}), pattern)
	}
	assert.Equal(t, []string{"api"}, names(t, client, ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("tag:v"), Values: []string{`ap?\*`}}}}))
	assert.Equal(t, []string{"api"}, names(t, client, ec2.DescribeImagesInput{Filters: []ec2types.Filter{{Name: new("tag:u"), Values: []string{`?api`}}}}))
}
