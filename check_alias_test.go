package readyami_test

import (
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/plan"
)

func TestCheckAlias(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		r := w.cloud.Region("us-east-1")
		id := r.OwnImage(awstest.ImageSeed{Name: "golden"})
		_, err := ssm.NewFromConfig(r.Config()).PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: new("/golden"), Value: &id, Type: ssmtypes.ParameterTypeString, DataType: new("aws:ec2:image"),
		})
		require.NoError(t, err)
		w.settle() // AWS checks the parameter's value first
		template := w.withImage("us-east-1", "golden", "resolve:ssm:/golden")
		w.group("us-east-1", "golden", template, "1")
		w.Targets[1].Groups = []string{"golden"}
		w.settle()
		found := w.findings("readyami.UnsupportedGroup")
		require.NotEmpty(t, found)
		assert.Equal(t, plan.Finding{
			Code: "readyami.UnsupportedGroup", Severity: plan.SeverityBlocker, Account: awstest.DefaultAccount, Region: "us-east-1", Resource: "golden",
			Detail: "version 1 of " + template + " takes its image from resolve:ssm:/golden: AWS refuses a refresh with a desired configuration",
		}, found[0])
	})
}
