package awstest

import "strconv"

// devices makes a filter of something that each EBS device of an image has.
func devices(f func(mapping) string) func(imageView) []string {
	return func(v imageView) (out []string) {
		for _, m := range v.mappings {
			if m.virtual == "" {
				out = append(out, f(m))
			}
		}
		return out
	}
}

var imageFilters = filterTable[imageView]{
	values: map[string]func(imageView) []string{
		"architecture":              one(func(v imageView) string { return v.architecture }),
		"boot-mode":                 one(func(v imageView) string { return v.bootMode }),
		"creation-date":             one(func(v imageView) string { return v.creation() }),
		"description":               one(func(v imageView) string { return v.description }),
		"ena-support":               one(func(v imageView) string { return yesNo(v.ena) }),
		"hypervisor":                one(func(imageView) string { return "xen" }),
		"image-id":                  one(func(v imageView) string { return v.id }),
		"image-type":                one(func(imageView) string { return "machine" }),
		"is-public":                 one(func(v imageView) string { return yesNo(v.permissions.public) }),
		"kernel-id":                 neverOf[imageView],
		"manifest-location":         one(func(v imageView) string { return v.location }),
		"name":                      one(func(v imageView) string { return v.name }),
		"owner-alias":               one(func(v imageView) string { return v.ownerAlias }),
		"owner-id":                  one(func(v imageView) string { return v.account }),
		"platform":                  one(func(v imageView) string { return v.platform }),
		"product-code":              func(v imageView) []string { return v.codes },
		"product-code.type":         func(v imageView) []string { return v.codeTypes() },
		"public-ssm-parameter-name": imageView.publicParameters,
		"ramdisk-id":                neverOf[imageView],
		"root-device-name":          one(func(v imageView) string { return v.rootDevice }),
		"root-device-type":          one(func(imageView) string { return "ebs" }),
		"source-image-id":           one(func(v imageView) string { return v.sourceImage }),
		"source-image-region":       one(func(v imageView) string { return v.sourceRegion }),
		"source-instance-id":        one(func(v imageView) string { return v.sourceInstance }),
		"sriov-net-support":         one(func(v imageView) string { return v.sriov() }),
		"state":                     one(func(v imageView) string { return string(v.state) }),
		"state-reason-code":         one(func(v imageView) string { return v.reasonCode }),
		"state-reason-message":      one(func(v imageView) string { return v.reason }),
		"virtualization-type":       one(func(v imageView) string { return v.virtualizationType() }),

		"block-device-mapping.delete-on-termination": devices(func(m mapping) string { return yesNo(m.deleteWith) }),
		"block-device-mapping.device-name":           devices(func(m mapping) string { return m.device }),
		"block-device-mapping.encrypted":             devices(func(m mapping) string { return yesNo(m.encrypted) }),
		"block-device-mapping.snapshot-id":           devices(func(m mapping) string { return m.snapshotID }),
		"block-device-mapping.volume-size":           devices(func(m mapping) string { return strconv.Itoa(int(m.sizeGiB)) }),
		"block-device-mapping.volume-type":           devices(func(m mapping) string { return m.volumeType }),
	},
	tags:       imageView.visibleTags,
	unmodelled: "free-tier-eligible image-allowed image-watermark. instance-type-specification. scan-result.",
}
