package awstest

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// volumes makes a filter of something that each volume has.
func volumes(f func(volume) string) func(instanceView) []string {
	return func(v instanceView) (out []string) {
		for _, vol := range v.volumes {
			out = append(out, f(vol))
		}
		return out
	}
}

var instanceFilters = filterTable[instanceView]{
	values: map[string]func(instanceView) []string{
		"architecture":         one(func(v instanceView) string { return v.image.architecture }),
		"availability-zone":    one(func(v instanceView) string { return v.subnet.zone.name }),
		"availability-zone-id": one(func(v instanceView) string { return v.subnet.zone.id }),
		"client-token":         one(func(v instanceView) string { return v.token }),
		"group-id":             func(v instanceView) []string { return v.spec.securityGroups },
		"hypervisor":           one(func(instanceView) string { return "xen" }),

		"iam-instance-profile.arn": one(func(v instanceView) string { return aws.ToString(deref(v.spec.profile).Arn) }),
		"iam-instance-profile.id":  one(func(v instanceView) string { return aws.ToString(deref(v.spec.profile).Id) }),
		"iam-instance-profile.name": one(func(v instanceView) string {
			arn := aws.ToString(deref(v.spec.profile).Arn)
			return arn[strings.LastIndex(arn, "/")+1:]
		}),

		"image-id":            one(func(v instanceView) string { return v.spec.imageID }),
		"instance-id":         one(func(v instanceView) string { return v.id }),
		"instance-state-code": one(func(v instanceView) string { return strconv.Itoa(int(stateCodes[v.state])) }),
		"instance-state-name": one(func(v instanceView) string { return string(v.state) }),
		"instance-type":       one(func(v instanceView) string { return v.spec.instanceType }),
		"instance.group-id":   func(v instanceView) []string { return v.spec.securityGroups },
		"instance.group-name": instanceView.groupNames,
		"key-name":            one(func(v instanceView) string { return v.spec.keyName }),
		"launch-time":         one(func(v instanceView) string { return stamp(v.launched) }),
		"monitoring-state":    one(func(instanceView) string { return "disabled" }),
		"owner-id":            one(func(v instanceView) string { return v.s.account }),
		"platform":            one(func(v instanceView) string { return v.image.platform }),
		"private-dns-name":    one(func(v instanceView) string { return v.s.privateDNS(v.instance) }),
		"private-ip-address":  one(func(v instanceView) string { return v.address }),
		"reason":              one(func(v instanceView) string { return v.transitionReason() }),
		"reservation-id":      one(func(v instanceView) string { return v.reservation }),
		"root-device-name":    one(func(v instanceView) string { return v.image.rootDevice }),
		"root-device-type":    one(func(instanceView) string { return "ebs" }),
		"subnet-id":           one(func(v instanceView) string { return v.subnet.id }),
		"tenancy":             one(func(v instanceView) string { return string(v.s.tenancy(v.instance)) }),
		"virtualization-type": one(func(v instanceView) string { return v.image.virtualizationType() }),
		"vpc-id":              one(func(v instanceView) string { return v.subnet.vpcID }),

		"boot-mode":                      one(func(v instanceView) string { return v.image.bootMode }),
		"current-instance-boot-mode":     one(func(v instanceView) string { return v.currentBootMode() }),
		"dns-name":                       neverOf[instanceView], // no instance has a public address
		"ebs-optimized":                  one(func(instanceView) string { return "false" }),
		"ena-support":                    one(func(v instanceView) string { return yesNo(v.image.ena) }),
		"hibernation-options.configured": one(func(instanceView) string { return "false" }),
		"instance-lifecycle":             one(func(v instanceView) string { return string(v.lifecycle()) }),
		"ip-address":                     neverOf[instanceView],
		"ipv6-address":                   neverOf[instanceView],
		"kernel-id":                      neverOf[instanceView],
		"launch-index":                   one(func(v instanceView) string { return strconv.Itoa(v.index) }),
		"platform-details":               one(func(v instanceView) string { return v.image.platformDetails() }),
		"product-code":                   func(v instanceView) []string { return v.image.codes },
		"product-code.type":              func(v instanceView) []string { return v.image.codeTypes() },
		"ramdisk-id":                     neverOf[instanceView],
		"state-reason-code":              one(func(v instanceView) string { return aws.ToString(deref(v.stateReason()).Code) }),
		"state-reason-message":           one(func(v instanceView) string { return aws.ToString(deref(v.stateReason()).Message) }),
		"tpm-support":                    one(func(v instanceView) string { return v.image.tpm }),
		"usage-operation":                one(func(v instanceView) string { return v.image.usageOperation() }),

		"metadata-options.http-endpoint":               one(func(v instanceView) string { return string(v.metadata.HttpEndpoint) }),
		"metadata-options.http-protocol-ipv6":          one(func(v instanceView) string { return string(v.metadata.HttpProtocolIpv6) }),
		"metadata-options.http-put-response-hop-limit": one(func(v instanceView) string { return strconv.Itoa(int(*v.metadata.HttpPutResponseHopLimit)) }),
		"metadata-options.http-tokens":                 one(func(v instanceView) string { return string(v.metadata.HttpTokens) }),
		"metadata-options.instance-metadata-tags":      one(func(v instanceView) string { return string(v.metadata.InstanceMetadataTags) }),
		"metadata-options.state":                       one(func(v instanceView) string { return string(v.metadata.State) }),

		"block-device-mapping.attach-time":           volumes(func(v volume) string { return stamp(v.attached) }),
		"block-device-mapping.delete-on-termination": volumes(func(v volume) string { return yesNo(v.deleteWith) }),
		"block-device-mapping.device-name":           volumes(func(v volume) string { return v.device }),
		"block-device-mapping.status":                volumes(func(volume) string { return "attached" }),
		"block-device-mapping.volume-id":             volumes(func(v volume) string { return v.id }),
	},
	tags: func(v instanceView) tagSet { return v.tags },
	unmodelled: `affinity capacity-reservation-id capacity-reservation-specification. enclave-options. host-id
		maintenance-options. metadata-options.http-protocol-ipv4 network-interface. network-performance-options. operator. outpost-arn
		placement-group-name placement-partition-number private-dns-name-options. requester-id source-dest-check
		spot-instance-request-id usage-operation-update-time`,
}

func (v instanceView) groupNames() (out []string) {
	for _, id := range v.spec.securityGroups {
		if g := v.s.network.securityGroup(id); g != nil { // it may be gone when the instance is
			out = append(out, g.name)
		}
	}
	return out
}
