package awstest_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
)

// references lists what refers to images, as "type path".
func references(t *testing.T, client *ec2.Client, in ec2.DescribeImageReferencesInput) (out []string) {
	t.Helper()
	pages := ec2.NewDescribeImageReferencesPaginator(client, &in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, r := range page.ImageReferences {
			parts := strings.SplitN(*r.Arn, ":", 6)
			require.Equal(t, []string{"arn", "aws"}, parts[:2])
			require.Equal(t, []string{home, awstest.DefaultAccount}, parts[3:5])
			assert.Contains(t, in.ImageIds, *r.ImageId)
			out = append(out, string(r.ResourceType)+" "+parts[5])
		}
	}
	return out
}

// newVersions makes n versions of a template, each with an image.
func newVersions(t *testing.T, client *ec2.Client, template, image string, n int) {
	t.Helper()
	for range n {
		_, err := client.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &template, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: &image}})
		require.NoError(t, err)
	}
}

func TestImageReferences(t *testing.T) {
	cloud := awstest.Start(t, awstest.WithPageSize(2))
	client, region := ec2.NewFromConfig(cloud.Config(home)), cloud.Region(home)
	id := region.OwnImage(awstest.ImageSeed{Name: "golden", SharedWith: []string{stranger}})
	other := region.OwnImage(awstest.ImageSeed{Name: "other"})
	running := region.PreparedInstance(awstest.InstanceSeed{ImageID: id})
	stopped := region.PreparedInstance(awstest.InstanceSeed{ImageID: id, Stopped: true})
	region.PreparedInstance(awstest.InstanceSeed{ImageID: other})
	cloud.Account(stranger).Region(home).PreparedInstance(awstest.InstanceSeed{ImageID: id})
	current := region.Template(awstest.TemplateSeed{Name: "current", ImageID: id})
	recent := region.Template(awstest.TemplateSeed{Name: "recent", ImageID: id})
	newVersions(t, client, recent, other, 9)
	old := region.Template(awstest.TemplateSeed{Name: "old", ImageID: id})
	newVersions(t, client, old, other, 10)
	parameters := ssm.NewFromConfig(cloud.Config(home))
	for name, value := range map[string]string{"/golden/current": id, "/golden/moved": id, "/golden/text": id} {
		kind := "aws:ec2:image"
		if name == "/golden/text" {
			kind = "text"
		}
		_, err := parameters.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, DataType: &kind, Type: ssmtypes.ParameterTypeString})
		require.NoError(t, err)
	}
	_, err := parameters.PutParameter(t.Context(), &ssm.PutParameterInput{Name: new("/golden/moved"), Value: &other, DataType: new("aws:ec2:image"),
		Type: ssmtypes.ParameterTypeString, Overwrite: new(true)})
	require.NoError(t, err)
	// What resolves to the image only at a launch is no reference, nor is a group.
	region.Template(awstest.TemplateSeed{Name: "alias", ImageID: "resolve:ssm:/golden/current"})
	region.Recipe("web", id)
	region.ContainerRecipe("builder", id)

	instances := []string{"ec2:Instance instance/" + running, "ec2:Instance instance/" + stopped}
	templates := []string{"ec2:LaunchTemplate launch-template/" + current, "ec2:LaunchTemplate launch-template/" + recent}
	deep := append(templates[:2:2], "ec2:LaunchTemplate launch-template/"+old)
	rest := []string{"ssm:Parameter parameter/golden/current", "imagebuilder:ImageRecipe image-recipe/web/1.0.0",
		"imagebuilder:ContainerRecipe container-recipe/builder/1.0.0"}
	join := func(lists ...[]string) (out []string) {
		for _, l := range lists {
			out = append(out, l...)
		}
		return out
	}
	depth := func(n int) []ec2types.ResourceTypeOption {
		return []ec2types.ResourceTypeOption{{OptionName: "version-depth", OptionValues: []string{strconv.Itoa(n)}}}
	}
	for name, c := range map[string]struct {
		all  bool
		kind []ec2types.ResourceTypeRequest
		want []string
	}{
		"all":                 {all: true, want: join(instances, templates, rest)},
		"instances":           {kind: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:Instance"}}, want: instances},
		"stopped instances":   {kind: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:Instance", ResourceTypeOptions: []ec2types.ResourceTypeOption{{OptionName: "state-name", OptionValues: []string{"stopped", "stopping"}}}}}, want: instances[1:]},
		"templates, deeper":   {kind: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:LaunchTemplate", ResourceTypeOptions: depth(11)}}, want: deep},
		"templates, newest":   {kind: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:LaunchTemplate", ResourceTypeOptions: depth(1)}}, want: templates[:1]},
		"parameters":          {kind: []ec2types.ResourceTypeRequest{{ResourceType: "ssm:Parameter"}}, want: rest[:1]},
		"all, one of it deep": {all: true, kind: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:LaunchTemplate", ResourceTypeOptions: depth(11)}}, want: join(deep, instances, rest)},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, references(t, client, ec2.DescribeImageReferencesInput{ImageIds: []string{id}, IncludeAllResourceTypes: &c.all, ResourceTypes: c.kind}))
		})
	}
	assert.Len(t, references(t, client, ec2.DescribeImageReferencesInput{ImageIds: []string{id, other}, ResourceTypes: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:Instance"}}}), 3)
	assert.Empty(t, references(t, client, ec2.DescribeImageReferencesInput{ImageIds: []string{unknownAMI}, IncludeAllResourceTypes: new(true)}))
}

func TestImageReferencesRefuse(t *testing.T) {
	option := func(kind ec2types.ImageReferenceResourceType, name ec2types.ImageReferenceOptionName, values ...string) ec2.DescribeImageReferencesInput {
		return ec2.DescribeImageReferencesInput{ResourceTypes: []ec2types.ResourceTypeRequest{{ResourceType: kind,
			ResourceTypeOptions: []ec2types.ResourceTypeOption{{OptionName: name, OptionValues: values}}}}}
	}
	all := func(ids ...string) ec2.DescribeImageReferencesInput {
		return ec2.DescribeImageReferencesInput{ImageIds: ids, IncludeAllResourceTypes: new(true)}
	}
	few := all(unknownAMI)
	few.MaxResults = new(int32(4))
	dry := all(unknownAMI)
	dry.DryRun = new(true)
	for name, c := range map[string]struct {
		in            ec2.DescribeImageReferencesInput
		code, message string
	}{
		"no types":              {ec2.DescribeImageReferencesInput{}, "MissingParameter", "Either IncludeAllResourceTypes or ResourceTypes"},
		"told not all":          {ec2.DescribeImageReferencesInput{IncludeAllResourceTypes: new(false)}, "MissingParameter", "Either"},
		"no images":             {ec2.DescribeImageReferencesInput{ImageIds: []string{}, IncludeAllResourceTypes: new(true)}, "InvalidParameterValue", "1 to 10"},
		"eleven images":         {all(strings.Split(strings.Repeat(unknownAMI+" ", 10)+unknownAMI, " ")...), "InvalidParameterValue", "1 to 10"},
		"malformed image":       {all("ami-x"), "InvalidAMIID.Malformed", "ami-x"},
		"small page":            {few, "InvalidParameterValue", "maxResults"},
		"unknown type":          {ec2.DescribeImageReferencesInput{ResourceTypes: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:Fleet"}}}, "InvalidParameterValue", "ec2:Fleet"},
		"a type twice":          {ec2.DescribeImageReferencesInput{ResourceTypes: []ec2types.ResourceTypeRequest{{ResourceType: "ec2:Instance"}, {ResourceType: "ec2:Instance"}}}, "InvalidParameterValue", "twice"},
		"unknown state":         {option("ec2:Instance", "state-name", "asleep"), "InvalidParameterValue", "asleep"},
		"depth of instances":    {option("ec2:Instance", "version-depth", "5"), "InvalidParameterValue", "version-depth"},
		"state of templates":    {option("ec2:LaunchTemplate", "state-name", "running"), "InvalidParameterValue", "state-name"},
		"option of a parameter": {option("ssm:Parameter", "version-depth", "5"), "InvalidParameterValue", "version-depth"},
		"no depth":              {option("ec2:LaunchTemplate", "version-depth", "0"), "InvalidParameterValue", "version-depth"},
		"too deep":              {option("ec2:LaunchTemplate", "version-depth", "10001"), "InvalidParameterValue", "10001"},
		"depth is no number":    {option("ec2:LaunchTemplate", "version-depth", "all"), "InvalidParameterValue", "all"},
		"two depths":            {option("ec2:LaunchTemplate", "version-depth", "1", "2"), "InvalidParameterValue", "one value"},
		"dry run":               {dry, "DryRunOperation", ""},
	} {
		t.Run(name, func(t *testing.T) {
			client := ec2.NewFromConfig(awstest.Start(t).Config(home))
			if c.in.ImageIds == nil {
				c.in.ImageIds = []string{unknownAMI}
			}
			_, err := client.DescribeImageReferences(t.Context(), &c.in)
			requireCode(t, err, c.code, c.message)
		})
	}

	cloud := awstest.Start(t, awstest.WithUnconfirmed(awstest.Unconfirmed{UnknownReference: "InvalidAMIID.NotFound"}))
	in := all(unknownAMI)
	_, err := ec2.NewFromConfig(cloud.Config(home)).DescribeImageReferences(t.Context(), &in)
	requireCode(t, err, "InvalidAMIID.NotFound", unknownAMI)
}
