package launchtemplate_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/launchtemplate"
)

// TestNotFoundByName has every function that is given a template, or one of its
// versions, say ErrNotFound where there is none.
func TestNotFoundByName(t *testing.T) {
	cloud := awstest.Start(t)
	client := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	there := launchtemplate.Ref{ID: cloud.Region("eu-west-1").Template(awstest.TemplateSeed{Name: "web"})}
	ctx := t.Context()
	for what, template := range map[string]launchtemplate.Ref{
		"by id": {ID: "lt-0123456789abcdef0"}, "by name": {Name: "nobody"}, "a version": there,
	} {
		version := "9"
		reads := map[string]func() error{
			"Resolve":      func() error { _, err := launchtemplate.Resolve(ctx, client, template, version); return err },
			"ResolveImage": func() error { _, err := launchtemplate.ResolveImage(ctx, client, template, version); return err },
			"SetDefault":   func() error { _, err := launchtemplate.SetDefault(ctx, client, template, 9); return err },
			"NextVersion": func() error {
				_, err := launchtemplate.NextVersion(ctx, client, launchtemplate.NextVersionInput{Template: template, Source: 9, ImageID: "ami-0123456789abcdef0"})
				return err
			},
		}
		if template != there {
			reads["Describe"] = func() error { _, err := launchtemplate.Describe(ctx, client, template); return err }
			reads["Uses"] = func() error { _, err := launchtemplate.Uses(ctx, client, template, nil); return err }
			reads["PlanPrune"] = func() error {
				_, err := launchtemplate.PlanPrune(ctx, client, launchtemplate.PruneInput{Template: template, Keep: 1, Users: usedBy()})
				return err
			}
			reads["Versions"] = func() (last error) {
				for _, err := range launchtemplate.Versions(ctx, client, template) {
					last = err
				}
				return last
			}
		}
		for name, read := range reads {
			require.ErrorIs(t, read(), launchtemplate.ErrNotFound, "%s %s", name, what)
		}
	}
}
