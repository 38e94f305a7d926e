package conformance_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/readyami/readyami/awstest"
	"github.com/readyami/readyami/awstest/conformance"
)

// takeTime are the rules about what goes on: nothing does where nothing takes
// time.
var takeTime = []string{
	"image/pending first", "sharing/pending image", "copy/pending source", "refresh/one at a time", "refresh/locks the template",
	"refresh/blocks a warm pool", "refresh/success", "refresh/cancel", "refresh/roll back", "refresh/irreversible",
}

// A place is checked rule by rule; what differs is told by name.
func ExampleCases() {
	cloud := awstest.New()
	failed := 0
	for _, c := range conformance.Cases() {
		if slices.Contains(takeTime, c.Name) {
			continue
		}
		if err := c.Run(context.Background(), fake(cloud)); err != nil {
			fmt.Println(c.Name, err)
			failed++
		}
	}
	fmt.Println("failed:", failed)
	// Output: failed: 0
}
