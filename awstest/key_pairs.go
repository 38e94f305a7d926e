package awstest

import (
	"cmp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createKeyPair, "KeyName", "KeyType", "TagSpecifications")
	handle(describeKeyPairs, "KeyNames", "KeyPairIds", "Filters")
	handle(deleteKeyPair, "KeyName", "KeyPairId")
	taggable("key-", func(r *request, id string) (*tagSet, error) {
		k, err := r.findKeyPair(nil, &id)
		if err != nil {
			return nil, err
		}
		return &k.tags, nil
	})
}

// keyPair is one key pair. The seeded ones have no key.
type keyPair struct {
	id, name    string
	kind        ec2types.KeyType
	fingerprint string
	created     time.Time
	tags        tagSet
}

func (s *store) addKeyPair(k *keyPair) {
	k.id, k.created, k.kind = s.newID("key-"), s.now, cmp.Or(k.kind, ec2types.KeyTypeRsa)
	s.network.keyPairs = append(s.network.keyPairs, k)
}

// keyPair finds a key pair by name, nil when there is none.
func (n *network) keyPair(name string) *keyPair {
	at := slices.IndexFunc(n.keyPairs, func(k *keyPair) bool { return k.name == name })
	if at < 0 {
		return nil
	}
	return n.keyPairs[at]
}

// findKeyPair finds one by either of name and id.
func (s *store) findKeyPair(name, id *string) (*keyPair, error) {
	at := slices.IndexFunc(s.network.keyPairs, func(k *keyPair) bool {
		return (name == nil || k.name == *name) && (id == nil || k.id == *id)
	})
	switch {
	case at < 0 && name != nil:
		return nil, apiError("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", *name)
	case at < 0:
		return nil, apiError("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", *id)
	}
	return s.network.keyPairs[at], nil
}

// createKeyPair makes an RSA key unless the call asks for another type.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html
func createKeyPair(r *request, in *ec2.CreateKeyPairInput) (*ec2.CreateKeyPairOutput, error) {
	kind := cmp.Or(in.KeyType, ec2types.KeyTypeRsa)
	if !slices.Contains(kind.Values(), kind) {
		return nil, apiError("InvalidParameterValue", "Value (%s) for parameter keyType is invalid.", kind)
	}
	if *in.KeyName == "" || len(*in.KeyName) > 255 {
		return nil, apiError("InvalidParameterValue", "Invalid key pair name '%s'", *in.KeyName)
	}
	if r.network.keyPair(*in.KeyName) != nil {
		return nil, apiError("InvalidKeyPair.Duplicate", "The keypair already exists")
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeKeyPair)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	k := &keyPair{name: *in.KeyName, kind: kind, tags: tags[ec2types.ResourceTypeKeyPair]}
	r.addKeyPair(k)
	material, fingerprint, err := privateKey(kind, k.id, r.ids["key-"])
	if err != nil {
		return nil, err
	}
	k.fingerprint = fingerprint
	return &ec2.CreateKeyPairOutput{
		KeyFingerprint: new(k.fingerprint), KeyName: new(k.name), KeyPairId: new(k.id), Tags: k.tags.ec2(),
		KeyMaterial: new(material),
	}, nil
}

var keyPairFilters = filterTable[*keyPair]{
	values: map[string]func(*keyPair) []string{
		"fingerprint": one(func(k *keyPair) string { return k.fingerprint }),
		"key-name":    one(func(k *keyPair) string { return k.name }),
		"key-pair-id": one(func(k *keyPair) string { return k.id }),
	},
	tags: func(k *keyPair) tagSet { return k.tags },
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html
func describeKeyPairs(r *request, in *ec2.DescribeKeyPairsInput) (*ec2.DescribeKeyPairsOutput, error) {
	match, err := keyPairFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	for _, name := range in.KeyNames {
		if _, err := r.findKeyPair(&name, nil); err != nil {
			return nil, err
		}
	}
	for _, id := range in.KeyPairIds {
		if _, err := r.findKeyPair(nil, &id); err != nil {
			return nil, err
		}
	}
	out := &ec2.DescribeKeyPairsOutput{}
	for _, k := range r.network.keyPairs {
		asked := len(in.KeyNames)+len(in.KeyPairIds) == 0 || slices.Contains(in.KeyNames, k.name) || slices.Contains(in.KeyPairIds, k.id)
		if asked && match(k) {
			out.KeyPairs = append(out.KeyPairs, ec2types.KeyPairInfo{
				CreateTime: new(k.created), KeyFingerprint: some(k.fingerprint), KeyName: new(k.name), KeyPairId: new(k.id),
				KeyType: k.kind, Tags: k.tags.ec2(),
			})
		}
	}
	return out, nil
}

// deleteKeyPair succeeds also where there is no such key pair.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html
func deleteKeyPair(r *request, in *ec2.DeleteKeyPairInput) (*ec2.DeleteKeyPairOutput, error) {
	if in.KeyName == nil && in.KeyPairId == nil {
		return nil, apiError("MissingParameter", "The request must contain either the parameter keyName or keyPairId")
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	out := &ec2.DeleteKeyPairOutput{Return: new(true)}
	if k, err := r.findKeyPair(in.KeyName, in.KeyPairId); err == nil {
		out.KeyPairId = new(k.id)
		r.network.keyPairs = slices.DeleteFunc(r.network.keyPairs, func(o *keyPair) bool { return o == k })
	}
	return out, nil
}
