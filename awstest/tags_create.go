package awstest

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// tagFinder finds what the caller's tags on a resource are kept in.
type tagFinder func(r *request, id string) (*tagSet, error)

var tagFinders = map[string]tagFinder{}

// taggable registers a kind of resource that can be tagged, by the prefix of
// its ids ("ami-"). Each kind does so in its own file.
func taggable(prefix string, find tagFinder) { tagFinders[prefix] = find }

// findTags finds the caller's tags on a resource of any kind.
func (r *request) findTags(id string) (*tagSet, error) {
	prefix, _, ok := strings.Cut(id, "-")
	find := tagFinders[prefix+"-"]
	if !ok || find == nil {
		return nil, apiError("InvalidID", "The ID '%s' is not valid", id)
	}
	return find(r, id)
}

func init() {
	handle(createTags, "Resources", "Tags")
	taggable("i-", func(r *request, id string) (*tagSet, error) {
		found, err := r.findInstances([]string{id})
		if err != nil {
			return nil, err
		}
		return &found[0].tags, nil
	})
	taggable("vol-", func(r *request, id string) (*tagSet, error) {
		v, err := r.findVolume(id)
		if err != nil {
			return nil, err
		}
		return &v.tags, nil
	})
	taggable("ami-", func(r *request, id string) (*tagSet, error) {
		i, err := r.findImage(id)
		if err != nil {
			return nil, err
		}
		if i.state == ec2types.ImageStateDeregistered {
			return nil, i.unavailable()
		}
		r.catalogue.retagged(i)
		return i.tags.of(r.account), nil
	})
	taggable("snap-", func(r *request, id string) (*tagSet, error) {
		n, err := r.findSnapshot(id)
		if err != nil {
			return nil, err
		}
		return n.tags.of(r.account), nil
	})
}

// createTags tags all of the resources or none.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html
func createTags(r *request, in *ec2.CreateTagsInput) (*ec2.CreateTagsOutput, error) {
	tags, err := checkTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if len(tags) == 0 || len(in.Resources) == 0 {
		return nil, apiError("MissingParameter", "The request must contain at least one resource and one tag")
	}
	var found []*tagSet
	for _, id := range in.Resources {
		have, err := r.findTags(id)
		if err != nil {
			return nil, err
		}
		if len(have.with(tags...)) > maxTags {
			return nil, apiError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
		}
		found = append(found, have)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	for _, have := range found {
		*have = have.with(tags...)
	}
	return &ec2.CreateTagsOutput{}, nil
}
