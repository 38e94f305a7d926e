package launchtemplate_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// exampleVersions is a template of five versions, the first the default.
func exampleVersions() (*ec2.Client, launchtemplate.Ref) {
	client, template := exampleTemplate()
	for i, id := range []string{"ami-0b0b0b0b0b0b0b0b0", "ami-0c0c0c0c0c0c0c0c0", "ami-0d0d0d0d0d0d0d0d0", "ami-0e0e0e0e0e0e0e0e0"} {
		if _, err := launchtemplate.NextVersion(context.Background(), client, launchtemplate.NextVersionInput{
			Template: template, Source: int64(i + 1), ImageID: id,
		}); err != nil {
			panic(err)
		}
	}
	return client, template
}

// The shell line that this stands for:
//
//	aws ec2 describe-launch-templates --launch-template-names my-launch-template
func ExampleDescribe() {
	client, _ := exampleVersions()
	t, err := launchtemplate.Describe(context.Background(), client, launchtemplate.Ref{Name: "my-launch-template"})
	if err != nil {
		fmt.Println(err)
		return
	}
	if t.Latest != t.Default {
		fmt.Println("not everybody launches the latest version:", t.Ref() == launchtemplate.Ref{ID: t.ID}, t.Default, "of", t.Latest)
	}
	// Output:
	// not everybody launches the latest version: true 1 of 5
}

func ExampleAll() {
	client, _ := exampleVersions()
	for t, err := range launchtemplate.All(context.Background(), client) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(t.Name, "is at version", t.Latest)
	}
	// Output:
	// my-launch-template is at version 5
}

// What would a move of $Default from one version to another change?
func ExampleDiff() {
	ctx := context.Background()
	client, template := exampleTemplate()
	if _, err := client.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: &template.ID,
		SourceVersion:    new("1"),
		LaunchTemplateData: &types.RequestLaunchTemplateData{
			ImageId:         new("ami-0b0b0b0b0b0b0b0b0"),
			MetadataOptions: &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateRequired},
		},
	}); err != nil {
		fmt.Println(err)
		return
	}
	var versions []*launchtemplate.Version
	for _, n := range []string{"$Default", "2"} {
		v, err := launchtemplate.Resolve(ctx, client, template, n)
		if err != nil {
			fmt.Println(err)
			return
		}
		versions = append(versions, v)
	}
	for _, change := range launchtemplate.Diff(versions[0], versions[1]) {
		fmt.Println(change.String())
	}
	// Output:
	// ImageId: "ami-0a0a0a0a0a0a0a0a0" to "ami-0b0b0b0b0b0b0b0b0"
	// MetadataOptions.HttpTokens: not set to "required"
}

// A template that follows a Systems Manager parameter launches what stands
// there at that moment.
func ExampleResolveImage() {
	ctx := context.Background()
	cloud := awstest.New()
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	golden := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})
	if _, err := ssm.NewFromConfig(cloud.Config("eu-west-1")).PutParameter(ctx, &ssm.PutParameterInput{
		Name: new("/golden"), Value: &golden, Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image"),
	}); err != nil {
		fmt.Println(err)
		return
	}
	made, err := launchtemplate.Create(ctx, client, launchtemplate.CreateInput{
		Name: "my-launch-template", Data: &types.RequestLaunchTemplateData{ImageId: new("resolve:ssm:/golden")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	image, err := launchtemplate.ResolveImage(ctx, client, launchtemplate.Ref{ID: made.TemplateID}, launchtemplate.LatestVersion)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(image.Alias, "is the golden image:", image.ID == golden)
	// Output:
	// resolve:ssm:/golden is the golden image: true
}

// Before an image is removed: which versions would not launch any more?
func ExampleVersionsUsingImage() {
	client, _ := exampleVersions()
	refs, err := launchtemplate.VersionsUsingImage(context.Background(), client, "ami-0a0a0a0a0a0a0a0a0")
	if err != nil {
		fmt.Println("not known, so it stays:", err)
		return
	}
	for _, r := range refs {
		fmt.Println(r.Version.TemplateName, "version", r.Version.Number, "default", r.Default, "latest", r.Latest)
	}
	// Output:
	// my-launch-template version 1 default true latest false
}

// Groups are asked by the caller, who knows which clients to ask with.
func ExampleUses() {
	client, template := exampleVersions()
	groups := func(ctx context.Context, t launchtemplate.Template) ([]launchtemplate.Use, error) {
		return []launchtemplate.Use{{Version: "3", By: "group", ID: "my-asg"}}, nil
	}
	uses, err := launchtemplate.Uses(context.Background(), client, template, []launchtemplate.UsesFunc{groups})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, u := range uses {
		fmt.Println(u.By, u.ID, "uses version", u.Version)
	}
	// Output:
	// group my-asg uses version 3
}

func ExamplePlanPrune() {
	client, template := exampleVersions()
	plan, err := launchtemplate.PlanPrune(context.Background(), client, launchtemplate.PruneInput{
		Template: template,
		Keep:     2,
		Users:    []launchtemplate.UsesFunc{exampleUsers},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("would go:", plan.Delete)
	for _, k := range plan.Kept {
		fmt.Println(k.Version, k.Why)
	}
	// Output:
	// would go: [2]
	// 1 [default]
	// 3 [group my-asg]
	// 4 [newest 2]
	// 5 [latest newest 2]
}

// A plan that somebody has approved is the limit: what has come into use since
// stays, and nothing else goes.
func ExamplePrune() {
	ctx := context.Background()
	client, template := exampleVersions()
	in := launchtemplate.PruneInput{
		Template: template,
		Keep:     1,
		Protect:  []int64{4}, // what the last rollout came from
		Users:    []launchtemplate.UsesFunc{exampleUsers},
	}
	plan, err := launchtemplate.PlanPrune(ctx, client, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	in.Plan = plan
	done, err := launchtemplate.Prune(ctx, client, in)
	if errors.Is(err, launchtemplate.ErrNotDeleted) {
		fmt.Println("left:", done.Failed)
	} else if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("deleted:", done.Deleted)
	// Output:
	// deleted: [2]
}

func exampleUsers(context.Context, launchtemplate.Template) ([]launchtemplate.Use, error) {
	return []launchtemplate.Use{{Version: "3", By: "group", ID: "my-asg"}}, nil
}
