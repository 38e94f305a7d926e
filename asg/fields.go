package asg

import (
	"fmt"
	"slices"
	"time"
)

// optional is nil for the empty string: AWS takes an empty value of many fields
// for a wrong one.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func seconds(d *time.Duration) *int32 {
	if d == nil {
		return nil
	}
	return new(int32(*d / time.Second))
}

// secondsProblem is what is wrong with a time; a limit of zero is none.
func secondsProblem(field string, d *time.Duration, limit time.Duration) string {
	switch {
	case d == nil:
		return ""
	case *d < 0 || *d%time.Second != 0 || *d/time.Second > 1<<31-1:
		return fmt.Sprintf("%s %v is not a number of whole seconds", field, *d)
	case limit > 0 && *d > limit:
		return fmt.Sprintf("%s %v is more than %v", field, *d, limit)
	}
	return ""
}

func sizesProblem(least, most int32, desired *int32) string {
	switch {
	case least < 0 || most < least:
		return fmt.Sprintf("MinSize %d and MaxSize %d are no range", least, most)
	case desired != nil && (*desired < least || *desired > most):
		return fmt.Sprintf("Desired %d is not within MinSize %d and MaxSize %d", *desired, least, most)
	}
	return ""
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
