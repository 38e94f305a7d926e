package ami_test

import (
	"maps"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/assert"

	"github.com/readyami/readyami/ami"
)

// notCompared are the attributes in which an image may differ from its source,
// and why.
var notCompared = map[string]string{
	"Image.CreationDate":                      "each image has its own",
	"Image.DeprecationTime":                   "AWS does not copy it, and Verify compares it with what is asked for",
	"Image.DeregistrationProtection":          "AWS does not copy it",
	"Image.Description":                       "the caller gives it",
	"Image.FreeTierEligible":                  "it depends on the account that looks",
	"Image.ImageAllowed":                      "it depends on the account that looks",
	"Image.ImageId":                           "each image has its own",
	"Image.ImageLocation":                     "it holds the owner and the name",
	"Image.ImageOwnerAlias":                   "the copy has another owner",
	"Image.InstanceTypeSpecification":         "the owner sets it on each image",
	"Image.KernelId":                          "each Region has kernels of its own",
	"Image.LastLaunchedTime":                  "each image has its own",
	"Image.Name":                              "the caller gives it",
	"Image.OwnerId":                           "the copy has another owner",
	"Image.Public":                            "AWS does not copy permissions, and Verify compares them",
	"Image.PublicSsmParameterName":            "it belongs to an image of Amazon in one Region",
	"Image.RamdiskId":                         "each Region has RAM disks of its own",
	"Image.ScanResults":                       "they come from scans of each image",
	"Image.SourceImageId":                     "it says where each image comes from",
	"Image.SourceImageRegion":                 "it says where each image comes from",
	"Image.SourceInstanceId":                  "it says where each image comes from",
	"Image.State":                             "Verify compares it with available",
	"Image.StateReason":                       "Verify compares the state",
	"Image.Tags":                              "Verify compares them with what is asked for",
	"BlockDeviceMapping.DeviceName":           "it is the key that devices are compared by",
	"EbsBlockDevice.AvailabilityZone":         "images do not have it",
	"EbsBlockDevice.AvailabilityZoneId":       "images do not have it",
	"EbsBlockDevice.KmsKeyId":                 "each Region has keys of its own, and Verify compares it",
	"EbsBlockDevice.OutpostArn":               "images do not have it",
	"EbsBlockDevice.VolumeInitializationRate": "images do not have it",
}

// Every attribute of an image, of its devices and of their volumes is compared,
// or stands in notCompared with the reason. An SDK with a new one makes this fail.
func TestCompareForgetsNoAttribute(t *testing.T) {
	device := func(m types.BlockDeviceMapping) types.Image {
		m.DeviceName = new("/dev/sdb")
		return types.Image{BlockDeviceMappings: []types.BlockDeviceMapping{m}}
	}
	found := attributes(t, func(img types.Image) types.Image { return img })
	maps.Copy(found, attributes(t, device))
	maps.Copy(found, attributes(t, func(e types.EbsBlockDevice) types.Image { return device(types.BlockDeviceMapping{Ebs: &e}) }))
	for name, compared := range found {
		why, listed := notCompared[name]
		assert.NotEqual(t, compared, listed, "%s: is compared: %v; is not to be compared since %q", name, compared, why)
	}
	for name := range notCompared {
		assert.Contains(t, found, name, "AWS has no such attribute")
	}
}

// attributes reports of each attribute of T whether Compare sees that an image
// lacks it.
func attributes[T any](t *testing.T, image func(T) types.Image) map[string]bool {
	found := map[string]bool{}
	typ := reflect.TypeFor[T]()
	for i := range typ.NumField() {
		if f := typ.Field(i); f.IsExported() {
			var without, with T
			fill(t, reflect.ValueOf(&with).Elem().Field(i))
			found[typ.Name()+"."+f.Name] = len(ami.Compare(image(with), image(without))) > 0
		}
	}
	return found
}

// fill sets all of v to something that is not zero.
func fill(t *testing.T, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(t, v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	default:
		t.Fatalf("no sample of a %s", v.Type())
	}
}
