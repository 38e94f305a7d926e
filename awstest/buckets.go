package awstest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// s3Bucket is an S3 bucket, as far as images are stored in it.
type s3Bucket struct {
	place
	with    []string                // other accounts that its policy lets use it
	objects map[string]*storedImage // by key
}

// bucketName is unique within a partition.
type bucketName struct{ partition, name string }

// storedImage is the object of one image.
type storedImage struct {
	image     image // its mappings keep the ids of the snapshots that were stored
	disks     []storedDisk
	sizeGiB   int32
	imageTags tagSet
	tags      tagSet // of the object
}

// storedDisk is the data of one snapshot.
type storedDisk struct {
	snapshotID string
	sizeGiB    int32
	tags       tagSet
}

// Bucket makes an S3 bucket in this Region that images can be stored in. Other
// accounts use it if they are named, as in a bucket policy. A bucket that the
// account has already stays as it is; Bucket panics if the name is taken in the
// partition by anything else.
func (r *Region) Bucket(name string, with ...string) {
	r.do(func(s *store) {
		key := bucketName{partition(s.region), name}
		if b := s.buckets[key]; b != nil && b.place != s.place {
			panic(fmt.Sprintf("awstest: the bucket name %q is taken", name))
		} else if b == nil {
			s.buckets[key] = &s3Bucket{place: s.place, with: slices.Clone(with), objects: map[string]*storedImage{}}
		}
	})
}

// StoredImage is an image that is stored in a bucket.
type StoredImage struct {
	Key     string            // "ami-0123456789abcdef0.bin"
	ImageID string            // of the image that was stored
	Name    string            // and its name
	Tags    map[string]string // of the object
}

// StoredImages lists the images in a bucket of the account in this Region, by
// key. It panics if there is no such bucket.
func (r *Region) StoredImages(bucket string) (out []StoredImage) {
	r.do(func(s *store) {
		b := s.ownBucket(bucket)
		for _, key := range slices.Sorted(maps.Keys(b.objects)) {
			o := b.objects[key]
			out = append(out, StoredImage{key, o.image.id, o.image.name, o.tags.asMap()})
		}
	})
	return out
}

// CopyStoredImage copies a stored image into another bucket under the same key,
// as a user does with S3. The other bucket may be of another account, Region and
// partition. It panics if the object or one of the buckets does not exist.
func (r *Region) CopyStoredImage(bucket, key string, to *Region, toBucket string) {
	r.do(func(s *store) {
		o := s.ownBucket(bucket).objects[key]
		if o == nil {
			panic(fmt.Sprintf("awstest: the bucket %q has no object %q", bucket, key))
		}
		s.Cloud.store(to.place).ownBucket(toBucket).objects[key] = o
	})
}

// DeleteStoredImage deletes an object from a bucket of the account in this
// Region, if it is there.
func (r *Region) DeleteStoredImage(bucket, key string) {
	r.do(func(s *store) { delete(s.ownBucket(bucket).objects, key) })
}

func (s *store) ownBucket(name string) *s3Bucket {
	b := s.buckets[bucketName{partition(s.region), name}]
	if b == nil || b.place != s.place {
		panic(fmt.Sprintf("awstest: %s has no bucket %q in %s", s.account, name, s.region))
	}
	return b
}

// usableBucket is a bucket in the Region of the call that the caller may use.
// AWS's answers are not documented; those of ImportImage have these words.
func (r *request) usableBucket(name string) (*s3Bucket, error) {
	code := cmp.Or(r.unconfirmed.ImageBucket, "InvalidParameter")
	b := r.buckets[bucketName{partition(r.region), name}]
	switch {
	case b == nil:
		return nil, apiError(code, "Invalid S3 bucket name: %s", name)
	case b.region != r.region:
		return nil, apiError(code, "The given S3 bucket is not local to the region: %s", name)
	case b.account != r.account && !slices.Contains(b.with, r.account):
		return nil, apiError(code, "User does not have access to the S3 bucket: %s", name)
	}
	return b, nil
}

// objectTags checks the tags of an S3 object.
func objectTags(list []ec2types.S3ObjectTag) (out tagSet, err error) {
	for _, t := range list {
		key, value := aws.ToString(t.Key), aws.ToString(t.Value)
		switch {
		case key == "" || len([]rune(key)) > 128 || strings.HasPrefix(strings.ToLower(key), "aws:"):
			return nil, apiError("InvalidParameterValue", "Value ( %s ) for parameter S3ObjectTag.Key is invalid", key)
		case len([]rune(value)) > 256:
			return nil, apiError("InvalidParameterValue", "Value ( %s ) for parameter S3ObjectTag.Value is invalid", value)
		}
		out = out.with(tagPair{key, value})
	}
	return out, nil
}
