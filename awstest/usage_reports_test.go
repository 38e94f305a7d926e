package awstest_test

import (
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

var bothTypes = []ec2types.ImageUsageResourceTypeRequest{{ResourceType: new("ec2:Instance")}, {ResourceType: new("ec2:LaunchTemplate")}}

// report asks for a report and returns its id.
func report(t *testing.T, client *ec2.Client, in ec2.CreateImageUsageReportInput) string {
	t.Helper()
	if in.ResourceTypes == nil {
		in.ResourceTypes = bothTypes
	}
	out, err := client.CreateImageUsageReport(t.Context(), &in)
	require.NoError(t, err)
	return *out.ReportId
}

func readReport(t *testing.T, client *ec2.Client, id string) ec2types.ImageUsageReport {
	t.Helper()
	out, err := client.DescribeImageUsageReports(t.Context(), &ec2.DescribeImageUsageReportsInput{ReportIds: []string{id}})
	require.NoError(t, err)
	require.Len(t, out.ImageUsageReports, 1)
	return out.ImageUsageReports[0]
}

type usage struct {
	account, kind string
	count         int64
}

func entries(t *testing.T, client *ec2.Client, in ec2.DescribeImageUsageReportEntriesInput) (out []usage) {
	t.Helper()
	pages := ec2.NewDescribeImageUsageReportEntriesPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, e := range page.ImageUsageReportEntries {
			out = append(out, usage{*e.AccountId, *e.ResourceType, *e.UsageCount})
		}
	}
	return out
}

func TestUsageReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud := awstest.Start(t, awstest.WithTiming(awstest.Timing{UsageReport: 10 * time.Minute}), awstest.WithPageSize(1))
		client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
		id := region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger}})
		other := region.OwnImage(awstest.ImageSeed{Name: "other", SharedWith: []string{stranger}})
		theirs := cloud.Account(stranger).Region(home)
		theirs.PreparedInstance(awstest.InstanceSeed{ImageID: id})
		theirs.PreparedInstance(awstest.InstanceSeed{ImageID: id, Stopped: true})
		region.PreparedInstance(awstest.InstanceSeed{ImageID: id})
		template := theirs.Template(awstest.TemplateSeed{Name: "web", ImageID: id})
		newVersions(t, ec2.NewFromConfig(cloud.Account(stranger).Config(home)), template, other, 19)
		deep := theirs.Template(awstest.TemplateSeed{Name: "deep", ImageID: id})
		newVersions(t, ec2.NewFromConfig(cloud.Account(stranger).Config(home)), deep, other, 20)

		started := cloud.Now()
		all := report(t, client, ec2.CreateImageUsageReportInput{ImageId: &id, TagSpecifications: tags("image-usage-report", "app", "web")})
		one := report(t, client, ec2.CreateImageUsageReportInput{ImageId: &id, AccountIds: []string{stranger}, ResourceTypes: []ec2types.ImageUsageResourceTypeRequest{{
			ResourceType: new("ec2:LaunchTemplate"), ResourceTypeOptions: []ec2types.ImageUsageResourceTypeOptionRequest{{OptionName: new("version-depth"), OptionValues: []string{"21"}}}}}})
		region.PreparedInstance(awstest.InstanceSeed{ImageID: id}) // too late

		got := readReport(t, client, all)
		assert.Equal(t, "pending", *got.State)
		assert.True(t, got.CreationTime.Equal(started))
		assert.Equal(t, 30*24*time.Hour, got.ExpirationTime.Sub(*got.CreationTime))
		assert.Equal(t, id, *got.ImageId)
		assert.Empty(t, got.AccountIds)
		assert.Equal(t, []string{"20"}, got.ResourceTypes[1].ResourceTypeOptions[0].OptionValues, "by default")
		assert.Equal(t, "web", *got.Tags[0].Value)
		assert.Empty(t, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{ReportIds: []string{all}}))
		time.Sleep(10 * time.Minute)
		assert.Equal(t, "available", *readReport(t, client, all).State)
		assert.Equal(t, []string{stranger}, readReport(t, client, one).AccountIds)

		want := []usage{{awstest.DefaultAccount, "ec2:Instance", 1}, {stranger, "ec2:Instance", 2}, {stranger, "ec2:LaunchTemplate", 1}}
		assert.Equal(t, want, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{ReportIds: []string{all}}))
		assert.Equal(t, []usage{{stranger, "ec2:LaunchTemplate", 2}}, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{ReportIds: []string{one}}))
		assert.Len(t, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{ImageIds: []string{id}}), 4)
		assert.Empty(t, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{ImageIds: []string{other}}))
		for _, c := range []struct {
			name, value string
			want        int
		}{{"account-id", stranger, 3}, {"creation-time", "2000-01-01*", 4}, {"resource-type", "ec2:Instance", 2}} {
			assert.Len(t, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{Filters: []ec2types.Filter{{Name: &c.name, Values: []string{c.value}}}}), c.want, c.name)
		}
		for _, c := range []struct {
			name, value string
			want        int
		}{{"creation-time", "2000-*", 2}, {"state", "available", 2}, {"state", "error", 0}, {"tag:app", "web", 1}, {"tag-key", "app", 1}} {
			var n int
			pages := ec2.NewDescribeImageUsageReportsPaginator(client, &ec2.DescribeImageUsageReportsInput{ImageIds: []string{id}, Filters: []ec2types.Filter{{Name: &c.name, Values: []string{c.value}}}})
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				require.NoError(t, err)
				n += len(page.ImageUsageReports)
			}
			assert.Equal(t, c.want, n, c.name)
		}

		_, err := client.DeleteImageUsageReport(t.Context(), &ec2.DeleteImageUsageReportInput{ReportId: &one})
		require.NoError(t, err)
		_, err = client.DescribeImageUsageReports(t.Context(), &ec2.DescribeImageUsageReportsInput{ReportIds: []string{one}})
		requireCode(t, err, "InvalidImageUsageReportId.NotFound", one)
		time.Sleep(30*24*time.Hour - 10*time.Minute - time.Second)
		readReport(t, client, all)
		time.Sleep(time.Second)
		_, err = client.DescribeImageUsageReportEntries(t.Context(), &ec2.DescribeImageUsageReportEntriesInput{ReportIds: []string{all}})
		requireCode(t, err, "InvalidImageUsageReportId.NotFound", all)
	})
}

func TestUsageReportThatFails(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithTiming(awstest.SeenOnce))
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden"})
	region.FailUsageReports("out of luck")
	failed := report(t, client, ec2.CreateImageUsageReportInput{ImageId: &id})
	fine := report(t, client, ec2.CreateImageUsageReportInput{ImageId: &id})

	assert.Equal(t, "pending", *readReport(t, client, failed).State)
	assert.Equal(t, "error", *readReport(t, client, failed).State)
	assert.Equal(t, "out of luck", *readReport(t, client, failed).StateReason)
	assert.Empty(t, entries(t, client, ec2.DescribeImageUsageReportEntriesInput{ReportIds: []string{failed}}))
	readReport(t, client, fine)
	assert.Equal(t, "available", *readReport(t, client, fine).State)
	assert.Nil(t, readReport(t, client, fine).StateReason)
}

func TestUsageReportToken(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config(home))
	id := cloud.Region(home).OwnImage(awstest.ImageSeed{Name: "golden"})
	in := ec2.CreateImageUsageReportInput{ImageId: &id, ClientToken: new("once")}
	first := report(t, client, in)
	assert.Equal(t, first, report(t, client, in))
	in.AccountIds, in.ResourceTypes = []string{stranger}, bothTypes
	_, err := client.CreateImageUsageReport(t.Context(), &in)
	requireCode(t, err, "IdempotentParameterMismatch", "")
	in.ClientToken = nil
	assert.NotEqual(t, first, report(t, client, in), "the SDK fills in a fresh token")
	_, err = client.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: []string{first}, Tags: tags("", "app", "web")[0].Tags})
	require.NoError(t, err)
	assert.Equal(t, "web", *readReport(t, client, first).Tags[0].Value)
}

func TestUsageReportsRefuse(t *testing.T) {
	kinds := func(kind string, option string, values ...string) []ec2types.ImageUsageResourceTypeRequest {
		out := []ec2types.ImageUsageResourceTypeRequest{{ResourceType: &kind}}
		if option != "" {
			out[0].ResourceTypeOptions = []ec2types.ImageUsageResourceTypeOptionRequest{{OptionName: &option, OptionValues: values}}
		}
		return out
	}
	for name, c := range map[string]struct {
		in            ec2.CreateImageUsageReportInput
		code, message string
	}{
		"unknown image":         {ec2.CreateImageUsageReportInput{ImageId: new(unknownAMI)}, "InvalidAMIID.NotFound", unknownAMI},
		"malformed image":       {ec2.CreateImageUsageReportInput{ImageId: new("ami-x")}, "InvalidAMIID.Malformed", "ami-x"},
		"another's image":       {ec2.CreateImageUsageReportInput{ImageId: new("shared")}, "AuthFailure", "Not authorized"},
		"no type":               {ec2.CreateImageUsageReportInput{ResourceTypes: []ec2types.ImageUsageResourceTypeRequest{}}, "MissingParameter", "resourceType"},
		"unknown type":          {ec2.CreateImageUsageReportInput{ResourceTypes: kinds("ssm:Parameter", "")}, "InvalidParameterValue", "ssm:Parameter"},
		"a type twice":          {ec2.CreateImageUsageReportInput{ResourceTypes: append(kinds("ec2:Instance", ""), kinds("ec2:Instance", "")...)}, "InvalidParameterValue", "twice"},
		"option of instances":   {ec2.CreateImageUsageReportInput{ResourceTypes: kinds("ec2:Instance", "version-depth", "1")}, "InvalidParameterValue", "version-depth"},
		"unknown option":        {ec2.CreateImageUsageReportInput{ResourceTypes: kinds("ec2:LaunchTemplate", "colour", "red")}, "InvalidParameterValue", "colour"},
		"too deep":              {ec2.CreateImageUsageReportInput{ResourceTypes: kinds("ec2:LaunchTemplate", "version-depth", "10001")}, "InvalidParameterValue", "10001"},
		"malformed account":     {ec2.CreateImageUsageReportInput{AccountIds: []string{"me"}}, "InvalidParameterValue", "me"},
		"too many accounts":     {ec2.CreateImageUsageReportInput{AccountIds: strings.Split(strings.Repeat(stranger+" ", 200)+stranger, " ")}, "InvalidParameterValue", "200"},
		"tags of an image":      {ec2.CreateImageUsageReportInput{TagSpecifications: tags("image", "k", "v")}, "InvalidParameterValue", "image"},
		"creation as a dry run": {ec2.CreateImageUsageReportInput{DryRun: new(true)}, "DryRunOperation", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			switch {
			case c.in.ImageId == nil:
				c.in.ImageId = &s.own
			case *c.in.ImageId == "shared":
				c.in.ImageId = &s.shared
			}
			if c.in.ResourceTypes == nil {
				c.in.ResourceTypes = bothTypes
			}
			_, err := s.CreateImageUsageReport(t.Context(), &c.in)
			requireCode(t, err, c.code, c.message)
		})
	}

	s := newScene(t)
	many := strings.Split(strings.Repeat(unknownAMI+" ", 200)+unknownAMI, " ")
	for name, c := range map[string]struct {
		images, reports []string
		code            string
	}{
		"unknown report":  {nil, []string{"amiur-00000000000000000"}, "InvalidImageUsageReportId.NotFound"},
		"malformed image": {[]string{"ami-x"}, nil, "InvalidAMIID.Malformed"},
		"many images":     {many, nil, "InvalidParameterValue"},
		"many reports":    {nil, many, "InvalidParameterValue"},
	} {
		_, err := s.DescribeImageUsageReports(t.Context(), &ec2.DescribeImageUsageReportsInput{ImageIds: c.images, ReportIds: c.reports})
		requireCode(t, err, c.code, "")
		_, err = s.DescribeImageUsageReportEntries(t.Context(), &ec2.DescribeImageUsageReportEntriesInput{ImageIds: c.images, ReportIds: c.reports})
		requireCode(t, err, c.code, "")
		_ = name
	}
	_, err := s.DeleteImageUsageReport(t.Context(), &ec2.DeleteImageUsageReportInput{ReportId: new("amiur-00000000000000000")})
	requireCode(t, err, "InvalidImageUsageReportId.NotFound", "amiur-")
}
