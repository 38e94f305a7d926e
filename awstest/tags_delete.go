package awstest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

func init() {
	handle(deleteTags, "Resources", "Tags")
}

// deleteTags takes tags away from all of the resources or from none. A tag
// without a value goes whatever its value is, one with a value only where it has
// that; without tags all go, but for those of AWS. What is not there is no
// mistake.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html
func deleteTags(r *request, in *ec2.DeleteTagsInput) (*ec2.DeleteTagsOutput, error) {
	if len(in.Resources) == 0 {
		return nil, apiError("MissingParameter", "The request must contain at least one resource")
	}
	if _, err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	goes := func(p tagPair) bool {
		for _, t := range in.Tags {
			if *t.Key == p.key {
				return t.Value == nil || *t.Value == p.value
			}
		}
		return len(in.Tags) == 0 && !strings.HasPrefix(p.key, "aws:")
	}
	var found []*tagSet
	for _, id := range in.Resources {
		have, err := r.findTags(id)
		if err != nil {
			return nil, err
		}
		found = append(found, have)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	for _, have := range found {
		*have = have.without(goes)
	}
	return &ec2.DeleteTagsOutput{}, nil
}
