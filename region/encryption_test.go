package region_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/region"
)

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "said AWS"} }

// sealed has an encrypted image in Ireland, and a key of the same alias in each
// Region.
func sealed(t *testing.T, opts ...awstest.Option) (cloud *awstest.Cloud, in region.CopyInput, keys map[string]string) {
	cloud, in = atHome(t, opts...)
	in.SourceImageID = cloud.Region(ireland.Region).OwnImage(awstest.ImageSeed{Name: "sealed", Encrypted: true, DataGiB: []int32{20}})
	in.Name = "sealed"
	in.Targets = to(london, ireland, paris)
	keys = map[string]string{}
	for _, target := range []region.Target{london, paris} {
		keys[target.Region] = cloud.Region(target.Region).Key(awstest.KeySeed{Alias: "alias/web"})
	}
	return cloud, in, keys
}

// The source is encrypted, and nothing says with which key of its own each
// Region shall encrypt the copy.
func TestCopyOfAnEncryptedSourceNeedsAKeyPerRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in, _ := sealed(t)
		in.Targets[0].Encrypted, in.Targets[0].KMSKeyID = true, "alias/web"
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, region.ErrInvalidInput)
		assert.Nil(t, results)
		e, ok := errors.AsType[*region.Error](err)
		require.True(t, ok)
		assert.Equal(t, paris.Region, e.Region)
		assert.Contains(t, e.Reason, "KMSKeyID is missing")
		assert.Contains(t, e.Hint, "the source is encrypted")
		assert.Empty(t, cloud.Writes())
	})
}

// An encrypted source is never copied as if it were not, which AWS refuses;
// each copy has the key of its own Region.
func TestCopyEncryptsWithTheKeyOfEachRegion(t *testing.T) {
	for name, c := range map[string]struct {
		encrypted, byDefault bool
		source               bool
	}{
		"an encrypted source":      {source: true, encrypted: true},
		"said by the source alone": {source: true},
		"a source that is not":     {encrypted: true},
		"the default, asked for":   {source: true, byDefault: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in, keys := sealed(t, awstest.WithInputs())
				if !c.source {
					in.SourceImageID = cloud.Region(ireland.Region).OwnImage(awstest.ImageSeed{Name: "open"})
				}
				for i, d := range in.Targets {
					if d.Target == ireland {
						continue
					}
					in.Targets[i].Encrypted, in.Targets[i].UseRegionDefaultKey = c.encrypted, c.byDefault
					if !c.byDefault {
						in.Targets[i].KMSKeyID = "alias/web"
					}
				}
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.NoError(t, err)
				for i, d := range in.Targets {
					if d.Target == ireland {
						continue
					}
					want := keys[d.Region]
					if c.byDefault {
						out, err := ec2.NewFromConfig(cloud.Config(d.Region)).GetEbsDefaultKmsKeyId(t.Context(), &ec2.GetEbsDefaultKmsKeyIdInput{})
						require.NoError(t, err)
						key, err := kms.NewFromConfig(cloud.Config(d.Region)).DescribeKey(t.Context(), &kms.DescribeKeyInput{KeyId: out.KmsKeyId})
						require.NoError(t, err)
						want = *key.KeyMetadata.Arn
					}
					of := 0
					for _, s := range cloud.Region(d.Region).Snapshots() {
						assert.True(t, *s.Encrypted)
						assert.Equal(t, want, *s.KmsKeyId)
						of++
					}
					assert.Len(t, results[i].Image.BlockDeviceMappings, of)
				}
				for _, call := range cloud.Writes() {
					if in, ok := call.Input.(*ec2.CopyImageInput); ok {
						assert.True(t, *in.Encrypted)
					}
				}
			})
		})
	}
}

// AWS takes any key at once and fails the copy later: what can be known of a
// key is known before anything is written, anywhere.
func TestCopyRefusesKeysThatCannotBeUsed(t *testing.T) {
	described := func(change func(*kmstypes.KeyMetadata)) awstest.Fault {
		return func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			out, err := next(ctx)
			if k, ok := out.(*kms.DescribeKeyOutput); ok && err == nil && call.Region == paris.Region {
				change(k.KeyMetadata)
			}
			return out, err
		}
	}
	for name, c := range map[string]struct {
		key    string
		spoil  func(*awstest.Cloud)
		reason string
	}{
		"unknown":  {key: "alias/nobody", reason: "NotFoundException"},
		"disabled": {spoil: func(c *awstest.Cloud) { c.Region(paris.Region).DisableKey("alias/web") }, reason: "not enabled"},
		"no right": {spoil: func(c *awstest.Cloud) {
			c.Inject(awstest.Refuse(awstest.Match{Operation: "DescribeKey", Region: paris.Region}, 0, "AccessDeniedException", "no"))
		}, reason: "kms:DescribeKey"},
		"asymmetric": {spoil: func(c *awstest.Cloud) {
			c.Inject(described(func(k *kmstypes.KeyMetadata) { k.KeySpec = kmstypes.KeySpecRsa2048 }))
		}, reason: "symmetric"},
		"to be deleted": {spoil: func(c *awstest.Cloud) {
			c.Inject(described(func(k *kmstypes.KeyMetadata) { k.KeyState = kmstypes.KeyStatePendingDeletion }))
		}, reason: "PendingDeletion"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in, _ := sealed(t)
				for i := range in.Targets {
					if in.Targets[i].Target != ireland {
						in.Targets[i].Encrypted, in.Targets[i].KMSKeyID = true, "alias/web"
					}
				}
				if c.key != "" {
					in.Targets[2].KMSKeyID = c.key
				}
				if c.spoil != nil {
					c.spoil(cloud)
				}
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.ErrorIs(t, err, region.ErrKeyUnusable)
				assert.Nil(t, results)
				e, ok := errors.AsType[*region.Error](err)
				require.True(t, ok)
				assert.Equal(t, paris.Region, e.Region)
				assert.Equal(t, in.Targets[2].KMSKeyID, e.ID)
				require.ErrorContains(t, err, c.reason)
				assert.Empty(t, cloud.Writes())
			})
		})
	}
}

// A copy that AWS encrypted with another key than the one asked for is none.
func TestCopyReadsTheKeyBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in, _ := sealed(t)
		for i := range in.Targets {
			if in.Targets[i].Target != ireland {
				in.Targets[i].Encrypted, in.Targets[i].KMSKeyID = true, "alias/web"
			}
		}
		another := cloud.Region(paris.Region).Key(awstest.KeySeed{})
		cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
			if in, ok := call.Input.(*ec2.CopyImageInput); ok && call.Region == paris.Region {
				in.KmsKeyId = &another
			}
			return next(ctx)
		})
		results, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrDiffers)
		require.NoError(t, results[0].Err)
		e, ok := errors.AsType[*region.Error](results[2].Err)
		require.True(t, ok)
		assert.Equal(t, results[2].ImageID, e.ID)
		assert.Contains(t, e.Reason, another)
		assert.Contains(t, e.Reason, "KmsKeyId")
		assert.Equal(t, types.ImageStateAvailable, results[2].Image.State)

		// It stands now, and is no better for that.
		again, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, ami.ErrDiffers)
		require.NoError(t, again[0].Err)
		require.ErrorIs(t, again[2].Err, ami.ErrDiffers)
		assert.Equal(t, results[2].ImageID, again[2].ImageID)
		again, err = region.RetryFailed(t.Context(), fresh(cloud), in, again)
		require.ErrorIs(t, err, ami.ErrDiffers)
		require.ErrorIs(t, again[2].Err, ami.ErrDiffers)
	})
}

// A copy whose key cannot be told is not passed as if any key would do.
func TestCopyWhoseKeyIsNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		refused int // which of the calls; zero: all
		check   func(*testing.T, error)
	}{
		"at first": {1, func(t *testing.T, err error) { require.ErrorIs(t, err, ami.ErrDiffers) }},
		"ever": {0, func(t *testing.T, err error) {
			require.NotErrorIs(t, err, ami.ErrDiffers)
			require.ErrorContains(t, err, "UnauthorizedOperation")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cloud, in, _ := sealed(t)
				in.Targets = to(paris)
				in.Targets[0].Encrypted, in.Targets[0].UseRegionDefaultKey = true, true
				another := cloud.Region(paris.Region).Key(awstest.KeySeed{})
				cloud.Inject(func(ctx context.Context, call *awstest.Call, next func(context.Context) (any, error)) (any, error) {
					if in, ok := call.Input.(*ec2.CopyImageInput); ok {
						in.KmsKeyId = &another
					}
					return next(ctx)
				})
				cloud.Inject(awstest.Refuse(awstest.Match{Operation: "GetEbsDefaultKmsKeyId"}, c.refused, "UnauthorizedOperation", "no"))
				results, err := region.Copy(t.Context(), fresh(cloud), in)
				require.Error(t, err)
				c.check(t, results[0].Err)
				e, ok := errors.AsType[*region.Error](results[0].Err)
				require.True(t, ok)
				assert.Equal(t, paris.Region, e.Region)
				assert.Equal(t, results[0].ImageID, e.ID)
			})
		})
	}
}

// A key says that a copy is to be encrypted only where the source is.
func TestCopyOfASourceThatIsNotEncryptedIgnoresNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, in, _ := sealed(t)
		in.SourceImageID = cloud.Region(ireland.Region).OwnImage(awstest.ImageSeed{Name: "open"})
		in.Targets[0].KMSKeyID = "alias/web"
		_, err := region.Copy(t.Context(), fresh(cloud), in)
		require.ErrorIs(t, err, region.ErrInvalidInput)
		require.ErrorContains(t, err, "KMSKeyID is set and Encrypted is not")
		assert.Empty(t, cloud.Writes())
	})
}
