package awstest

import (
	"cmp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

func init() {
	handle(getParameterHistory, "Name", "WithDecryption", "MaxResults", "NextToken")
}

var parameterHistoryPages = limits{def: 50, max: 50}

// getParameterHistory lists the versions of a parameter, the oldest first. AWS's
// public parameters have versions too, but tell them to nobody:
// https://github.com/bottlerocket-os/bottlerocket/issues/2662
//
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
func getParameterHistory(r *request, in *ssm.GetParameterHistoryInput) (*ssm.GetParameterHistoryOutput, error) {
	owner, name, err := r.parameterOwner(*in.Name)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(name, "/aws/") {
		_, message := apiParts(errReserved(name))
		return nil, apiError(cmp.Or(r.unconfirmed.PublicParameterHistory, "AccessDeniedException"), "%s", message)
	}
	p := owner.parameters.named(name)
	if p == nil || owner != r.store && !p.sharedWith[r.account] {
		return nil, missingParameter(*in.Name)
	}
	r.show(&p.sight)
	versions, next, err := parameterPage(r, p.versions, parameterHistoryPages, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ssm.GetParameterHistoryOutput{NextToken: next}
	for _, v := range versions {
		value := p.shown(v, aws.ToBool(in.WithDecryption))
		out.Parameters = append(out.Parameters, ssmtypes.ParameterHistory{
			AllowedPattern: some(v.pattern), DataType: new(v.dataType), Description: some(v.description), KeyId: p.keyID(),
			Labels: append([]string{}, v.labels...), LastModifiedDate: new(v.modified), LastModifiedUser: new(v.user), Name: new(p.name),
			Policies: []ssmtypes.ParameterInlinePolicy{}, Tier: v.tier, Type: p.kind, Value: new(value), Version: v.number,
		})
	}
	return out, nil
}

// shown is a value as an answer shows it.
func (p *parameter) shown(v *parameterVersion, decrypt bool) string {
	if p.kind == ssmtypes.ParameterTypeSecureString && !decrypt {
		return encrypted(v.value)
	}
	return v.value
}
