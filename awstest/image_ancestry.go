package awstest

import (
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(getImageAncestry, "ImageId")
}

// maxAncestors is how many entries an ancestry has at most, the image itself
// among them.
const maxAncestors = 50

// getImageAncestry lists an image and what it comes from, back to the root: an
// image of Amazon's or of the Marketplace, or one that records no parent. What
// was deregistered since is still there.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-ancestry.html
func getImageAncestry(r *request, in *ec2.GetImageAncestryInput) (*ec2.GetImageAncestryOutput, error) {
	i, err := r.findImage(*in.ImageId)
	if err != nil {
		return nil, err
	}
	if i.state == ec2types.ImageStateDeregistered {
		return nil, i.unavailable()
	}
	out := &ec2.GetImageAncestryOutput{}
	for i != nil && len(out.ImageAncestryEntries) < maxAncestors {
		entry := ec2types.ImageAncestryEntry{
			CreationDate:    new(i.created),
			ImageId:         new(i.id),
			ImageOwnerAlias: some(i.ownerAlias),
		}
		parent := r.lineage[i.sourceImage]
		if i.ownerAlias == "amazon" || i.ownerAlias == "aws-marketplace" {
			parent = nil
		}
		if parent != nil {
			entry.SourceImageId, entry.SourceImageRegion = new(parent.id), new(parent.region)
		}
		out.ImageAncestryEntries = append(out.ImageAncestryEntries, entry)
		i = parent
	}
	return out, nil
}
