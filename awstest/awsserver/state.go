package awsserver

import (
	"reflect"
	"time"
)

// state is what there is, by account and Region, in AWS's own names.
func (h *handler) state() any {
	accounts := map[string]map[string]any{}
	for _, place := range h.inside.Places() {
		if accounts[place.Account] == nil {
			accounts[place.Account] = map[string]any{}
		}
		r := h.cloud.Account(place.Account).Region(place.Region)
		groups := r.Groups()
		refreshes := []any{}
		for _, g := range groups {
			for _, refresh := range r.Refreshes(*g.AutoScalingGroupName) {
				refreshes = append(refreshes, given(refresh))
			}
		}
		templates := r.Templates()
		versions := []any{}
		for _, t := range templates {
			for _, version := range r.TemplateVersions(*t.LaunchTemplateId) {
				versions = append(versions, given(version))
			}
		}
		accounts[place.Account][place.Region] = map[string]any{
			"images":                 given(r.Images()),
			"snapshots":              given(r.Snapshots()),
			"instances":              given(r.Instances()),
			"volumes":                given(r.Volumes()),
			"launchTemplates":        given(templates),
			"launchTemplateVersions": versions,
			"autoScalingGroups":      given(groups),
			"instanceRefreshes":      refreshes,
			"parameters":             given(r.Parameters()),
		}
	}
	return map[string]any{"now": h.cloud.Now().UTC(), "accounts": accounts}
}

// given is a value of the SDK's with nothing in it that is not set, for JSON.
func given(v any) any {
	if v == nil {
		return nil
	}
	return givenValue(reflect.ValueOf(v))
}

func givenValue(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return givenValue(v.Elem())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return v.Interface()
		}
		list := make([]any, v.Len())
		for i := range list {
			list[i] = givenValue(v.Index(i))
		}
		return list
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			return t.UTC()
		}
		fields := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if f.IsExported() && f.Name != "ResultMetadata" && !v.Field(i).IsZero() {
				fields[f.Name] = givenValue(v.Field(i))
			}
		}
		return fields
	}
	return v.Interface()
}
