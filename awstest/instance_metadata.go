package awstest

import (
	"cmp"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// metadataOptions lays the options of a call over those of a template, one by
// one.
func metadataOptions(base, over *ec2types.InstanceMetadataOptionsRequest) *ec2types.InstanceMetadataOptionsRequest {
	b, o := deref(base), deref(over)
	return &ec2types.InstanceMetadataOptionsRequest{
		HttpEndpoint:            cmp.Or(o.HttpEndpoint, b.HttpEndpoint),
		HttpProtocolIpv6:        cmp.Or(o.HttpProtocolIpv6, b.HttpProtocolIpv6),
		HttpPutResponseHopLimit: clone(cmp.Or(o.HttpPutResponseHopLimit, b.HttpPutResponseHopLimit)),
		HttpTokens:              cmp.Or(o.HttpTokens, b.HttpTokens),
		InstanceMetadataTags:    cmp.Or(o.InstanceMetadataTags, b.InstanceMetadataTags),
	}
}

// metadata is the options that an instance gets: what its launch says, else what
// its image does, else EC2's defaults.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html
func (i *image) metadata(launch *ec2types.InstanceMetadataOptionsRequest) *ec2types.InstanceMetadataOptionsResponse {
	tokens, hops := ec2types.HttpTokensStateOptional, int32(1)
	if i.imds != "" {
		tokens, hops = ec2types.HttpTokensStateRequired, 2
	}
	asked := deref(launch)
	out := &ec2types.InstanceMetadataOptionsResponse{
		HttpEndpoint:            cmp.Or(asked.HttpEndpoint, ec2types.InstanceMetadataEndpointStateEnabled),
		HttpProtocolIpv6:        cmp.Or(asked.HttpProtocolIpv6, ec2types.InstanceMetadataProtocolStateDisabled),
		HttpPutResponseHopLimit: new(hops),
		HttpTokens:              cmp.Or(asked.HttpTokens, tokens),
		InstanceMetadataTags:    cmp.Or(asked.InstanceMetadataTags, ec2types.InstanceMetadataTagsStateDisabled),
		State:                   ec2types.InstanceMetadataOptionsStateApplied,
	}
	if asked.HttpPutResponseHopLimit != nil {
		out.HttpPutResponseHopLimit = new(*asked.HttpPutResponseHopLimit)
	}
	return out
}
