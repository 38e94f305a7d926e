package awstest

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(describeImageReferences, "ImageIds", "IncludeAllResourceTypes", "ResourceTypes", "MaxResults", "NextToken")
}

const (
	maxReferenceImages = 10
	minReferencePage   = 5
	referenceDepth     = 10 // versions of a template that are looked at, unless asked for more
	maxVersionDepth    = 10000
)

// referenceScope is what of one resource type is looked at.
type referenceScope struct {
	kind   ec2types.ImageReferenceResourceType
	states []string // of instances; empty: all
	depth  int      // of templates
}

// referenceKinds are the resource types that a check knows. Groups and launch
// configurations are not among them.
var referenceKinds = []ec2types.ImageReferenceResourceType{
	ec2types.ImageReferenceResourceTypeEc2Instance,
	ec2types.ImageReferenceResourceTypeEc2LaunchTemplate,
	ec2types.ImageReferenceResourceTypeSsmParameter,
	ec2types.ImageReferenceResourceTypeImageBuilderImageRecipe,
	ec2types.ImageReferenceResourceTypeImageBuilderContainerRecipe,
}

// describeImageReferences lists what of the caller's in this Region names an
// image literally, whoever owns the image.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-ami-references.html
func describeImageReferences(r *request, in *ec2.DescribeImageReferencesInput) (*ec2.DescribeImageReferencesOutput, error) {
	if len(in.ImageIds) < 1 || len(in.ImageIds) > maxReferenceImages {
		return nil, apiError("InvalidParameterValue", "1 to %d image IDs can be checked in one request", maxReferenceImages)
	}
	for _, id := range in.ImageIds {
		if !wellFormed("ami-", id) {
			return nil, malformedImageID(id)
		}
		if code := r.unconfirmed.UnknownReference; code != "" && r.lineage[id] == nil {
			return nil, apiError(code, "The image id '[%s]' does not exist", id)
		}
	}
	scopes, err := referenceScopes(aws.ToBool(in.IncludeAllResourceTypes), in.ResourceTypes)
	if err != nil {
		return nil, err
	}
	if in.MaxResults != nil && *in.MaxResults < minReferencePage {
		return nil, apiError("InvalidParameterValue", "Value ( %d ) for parameter maxResults is invalid", *in.MaxResults)
	}
	var all []ec2types.ImageReference
	for _, id := range in.ImageIds {
		for _, scope := range scopes {
			for _, arn := range r.references(id, scope) {
				all = append(all, ec2types.ImageReference{Arn: new(arn), ImageId: new(id), ResourceType: scope.kind})
			}
		}
	}
	cut, next, err := page(r.store, all, limits{}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	return &ec2.DescribeImageReferencesOutput{ImageReferences: cut, NextToken: next}, nil
}

// referenceScopes reads which types are to be looked at, and how far.
func referenceScopes(all bool, asked []ec2types.ResourceTypeRequest) ([]referenceScope, error) {
	if !all && len(asked) == 0 {
		return nil, apiError("MissingParameter", "Either IncludeAllResourceTypes or ResourceTypes must be specified")
	}
	var out []referenceScope
	for _, a := range asked {
		if !slices.Contains(referenceKinds, a.ResourceType) {
			return nil, apiError("InvalidParameterValue", "Value (%s) for parameter resourceType is invalid.", a.ResourceType)
		}
		if slices.ContainsFunc(out, func(s referenceScope) bool { return s.kind == a.ResourceType }) {
			return nil, apiError("InvalidParameterValue", "The resource type %s is given twice", a.ResourceType)
		}
		scope := referenceScope{kind: a.ResourceType, depth: referenceDepth}
		for _, o := range a.ResourceTypeOptions {
			if err := scope.set(o); err != nil {
				return nil, err
			}
		}
		out = append(out, scope)
	}
	for _, kind := range referenceKinds {
		if all && !slices.ContainsFunc(out, func(s referenceScope) bool { return s.kind == kind }) {
			out = append(out, referenceScope{kind: kind, depth: referenceDepth})
		}
	}
	return out, nil
}

func (s *referenceScope) set(o ec2types.ResourceTypeOption) error {
	switch {
	case o.OptionName == ec2types.ImageReferenceOptionNameStateName && s.kind == ec2types.ImageReferenceResourceTypeEc2Instance:
		for _, state := range o.OptionValues {
			if _, ok := stateCodes[ec2types.InstanceStateName(state)]; !ok {
				return apiError("InvalidParameterValue", "Value (%s) for the option state-name is invalid.", state)
			}
		}
		s.states = o.OptionValues
		return nil
	case o.OptionName == ec2types.ImageReferenceOptionNameVersionDepth && s.kind == ec2types.ImageReferenceResourceTypeEc2LaunchTemplate:
		var err error
		s.depth, err = versionDepth(o.OptionValues)
		return err
	}
	return apiError("InvalidParameterValue", "The option '%s' is not valid for the resource type %s", o.OptionName, s.kind)
}

// versionDepth reads how many versions of a template are looked at.
func versionDepth(values []string) (int, error) {
	if len(values) != 1 {
		return 0, apiError("InvalidParameterValue", "The option version-depth takes one value")
	}
	n, err := strconv.Atoi(values[0])
	if err != nil || n < 1 || n > maxVersionDepth {
		return 0, apiError("InvalidParameterValue", "Value (%s) for the option version-depth is invalid.", values[0])
	}
	return n, nil
}

// references are the ARNs of what of one type names an image.
func (s *store) references(image string, scope referenceScope) (arns []string) {
	switch scope.kind {
	case ec2types.ImageReferenceResourceTypeEc2Instance:
		for _, i := range s.instances.all() {
			if i.spec.imageID == image && (len(scope.states) == 0 || slices.Contains(scope.states, string(i.state))) {
				arns = append(arns, s.arn("ec2", "instance/"+i.id))
			}
		}
	case ec2types.ImageReferenceResourceTypeEc2LaunchTemplate:
		for _, t := range s.templates.order {
			if t.uses(image, scope.depth) {
				arns = append(arns, s.arn("ec2", "launch-template/"+t.id))
			}
		}
	case ec2types.ImageReferenceResourceTypeSsmParameter:
		for _, p := range s.parameters.byKey {
			if n := len(p.versions); n > 0 && p.versions[n-1].dataType == dataImage && p.versions[n-1].value == image {
				arns = append(arns, s.parameterARN(p.name))
			}
		}
		slices.Sort(arns) // a map has no order
	default:
		for _, b := range s.recipes {
			if b.kind == scope.kind && b.image == image {
				arns = append(arns, b.arn)
			}
		}
	}
	return arns
}

// uses is true when one of a template's newest versions names an image.
func (t *template) uses(image string, depth int) bool {
	newest := t.versions[max(0, len(t.versions)-depth):]
	return slices.ContainsFunc(newest, func(v *templateVersion) bool { return aws.ToString(v.data.ImageId) == image })
}

// recipe is a recipe of EC2 Image Builder, as far as it names an image.
type recipe struct {
	kind       ec2types.ImageReferenceResourceType
	arn, image string
}

// Recipe makes EC2 Image Builder have an image recipe, version 1.0.0, whose base
// is an image, and returns its ARN. All that it does is to be a reference to
// the image; an empty name takes "recipe".
func (r *Region) Recipe(name, imageID string) (arn string) {
	return r.recipe(ec2types.ImageReferenceResourceTypeImageBuilderImageRecipe, "image-recipe/", name, imageID)
}

// ContainerRecipe is [Region.Recipe] for a container recipe, which names the
// image of the instances that build it.
func (r *Region) ContainerRecipe(name, imageID string) (arn string) {
	return r.recipe(ec2types.ImageReferenceResourceTypeImageBuilderContainerRecipe, "container-recipe/", name, imageID)
}

func (r *Region) recipe(kind ec2types.ImageReferenceResourceType, path, name, imageID string) (arn string) {
	r.do(func(s *store) {
		arn = s.arn("imagebuilder", path+cmp.Or(name, "recipe")+"/1.0.0")
		s.recipes = append(s.recipes, recipe{kind, arn, imageID})
	})
	return arn
}
