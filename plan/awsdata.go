package plan

import (
	"encoding/json"
	"reflect"
	"unicode"

	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Preferences are those of an instance refresh, AWS's structure as it is. In JSON
// its fields are in camelCase.
type Preferences asgtypes.RefreshPreferences

// BlockDeviceMapping is AWS's structure as it is. In JSON its fields are in
// camelCase.
type BlockDeviceMapping ec2types.BlockDeviceMapping

// MarshalJSON writes the fields that are set, in camelCase.
func (p Preferences) MarshalJSON() ([]byte, error) { return marshalAWS(asgtypes.RefreshPreferences(p)) }

// UnmarshalJSON reads what MarshalJSON writes, and refuses unknown fields:
// encoding/json matches names regardless of their case.
func (p *Preferences) UnmarshalJSON(data []byte) error {
	return unmarshalStrict(data, (*asgtypes.RefreshPreferences)(p))
}

// MarshalJSON writes the fields that are set, in camelCase.
func (m BlockDeviceMapping) MarshalJSON() ([]byte, error) {
	return marshalAWS(ec2types.BlockDeviceMapping(m))
}

// UnmarshalJSON reads what MarshalJSON writes, and refuses unknown fields.
func (m *BlockDeviceMapping) UnmarshalJSON(data []byte) error {
	return unmarshalStrict(data, (*ec2types.BlockDeviceMapping)(m))
}

// marshalAWS writes a structure of the SDK without what is not set. The SDK's
// own structures have no JSON names.
func marshalAWS(v any) ([]byte, error) { return json.Marshal(camel(reflect.ValueOf(v))) }

// camel is a value of the SDK as maps with names in camelCase.
func camel(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		return camel(v.Elem())
	case reflect.Struct:
		out := map[string]any{}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !v.Field(i).IsZero() {
				out[lower(f.Name)] = camel(v.Field(i))
			}
		}
		return out
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = camel(v.Index(i))
		}
		return out
	}
	return v.Interface()
}

// lower is a field's name in camelCase: KmsKeyId is kmsKeyId, and VCpuCount is
// vCpuCount.
func lower(name string) string {
	r := []rune(name)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}
