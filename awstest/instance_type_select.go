package awstest

import (
	"slices"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	names := []string{"ArchitectureTypes", "VirtualizationTypes", "MaxResults", "NextToken"}
	for _, name := range requirementFields {
		names = append(names, "InstanceRequirements."+name)
	}
	handle(selectInstanceTypes, names...)
}

// selectInstanceTypes lists the instance types that meet requirements. That there
// is none is an answer.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetInstanceTypesFromInstanceRequirements.html
func selectInstanceTypes(r *request, in *ec2.GetInstanceTypesFromInstanceRequirementsInput) (*ec2.GetInstanceTypesFromInstanceRequirementsOutput, error) {
	need := convert[astypes.InstanceRequirements](*in.InstanceRequirements)
	if err := checkRequirements(&need); err != nil {
		_, message := apiParts(err)
		return nil, apiError("InvalidParameterValue", "%s", message)
	}
	var found []instanceSize
	for _, t := range instanceSizes {
		takes := slices.ContainsFunc(in.ArchitectureTypes, func(a ec2types.ArchitectureType) bool {
			return slices.Contains(architecturesOf(t.name), string(a))
		}) && slices.ContainsFunc(in.VirtualizationTypes, func(v ec2types.VirtualizationType) bool {
			return slices.Contains(virtualizationsOf(t.name), string(v))
		})
		if takes && t.meets(&need) {
			found = append(found, t)
		}
	}
	cut, next, err := page(r.store, found, limits{def: 1000, max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.GetInstanceTypesFromInstanceRequirementsOutput{NextToken: next}
	for _, t := range cut {
		out.InstanceTypes = append(out.InstanceTypes, ec2types.InstanceTypeInfoFromInstanceRequirements{InstanceType: new(t.name)})
	}
	return out, nil
}
