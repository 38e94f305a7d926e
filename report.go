package readyami

import (
	"slices"

	"github.com/readyami/readyami/region"
)

// ReportSchema is the version of the shape of a [Report]. It rises when a field
// changes its meaning or goes away; new fields do not raise it.
const ReportSchema = 1

// Report is what a delivery did and what stands after it, as plain data: it
// keeps its shape through JSON. It is complete whether the delivery succeeded
// or not.
type Report struct {
	Schema   int            `json:"schema"`
	Delivery string         `json:"delivery"`
	Outcome  Outcome        `json:"outcome"`
	Source   *ImageReport   `json:"source,omitempty"` // absent: the targets named their images
	Targets  []TargetReport `json:"targets"`          // in the order of the delivery
	Error    string         `json:"error,omitempty"`
	// Next says how to go on after a failure, one step a line.
	Next []string `json:"next,omitempty"`
}

// Outcome is how something ended.
type Outcome string

const (
	// Delivered: it runs the image now, by what this run did.
	Delivered Outcome = "delivered"
	// Unchanged: it was so before; nothing was written.
	Unchanged Outcome = "unchanged"
	// InPart: it launches the image now, and some of its instances run what they
	// did: see NotReplaced.
	InPart Outcome = "delivered-in-part"
	// Failed: see the error.
	Failed Outcome = "failed"
	// RolledBack: it did not work out, and what ran before runs again.
	RolledBack Outcome = "rolled-back"
	// Interrupted: the run ended before it was known; a refresh may go on.
	Interrupted Outcome = "interrupted"
	// NotStarted: left alone, because something before it failed.
	NotStarted Outcome = "not-started"
)

// TargetReport is what stands in one target.
type TargetReport struct {
	Account   string           `json:"account"`
	Region    string           `json:"region"`
	Image     ImageReport      `json:"image"`
	Templates []TemplateReport `json:"templates,omitempty"`
	Groups    []GroupReport    `json:"groups,omitempty"`
}

// ImageReport is one image.
type ImageReport struct {
	Account   string   `json:"account"`
	Region    string   `json:"region"`
	ID        string   `json:"id,omitempty"` // empty: there is none
	State     string   `json:"state,omitempty"`
	Outcome   Outcome  `json:"outcome"`
	Snapshots []string `json:"snapshots,omitempty"`
	// SharedWith are all who may launch it, as account ids, ARNs or "all", and
	// DeprecateAt is when others lose sight of it, as AWS writes it: told where
	// Delivery.Finish asks for one of the two.
	SharedWith  []string `json:"shared_with,omitempty"`
	DeprecateAt string   `json:"deprecate_at,omitempty"`
	Warnings    []string `json:"warnings,omitempty"`
	Error       string   `json:"error,omitempty"`
}

// TemplateReport is one launch template's version with the image. A template
// whose groups launched from different versions has one report for each.
type TemplateReport struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	From    int64   `json:"from"` // the version that it was made of
	To      int64   `json:"to,omitempty"`
	Outcome Outcome `json:"outcome"`
	// Default is the template's default version after the run; zero: not asked
	// to be moved.
	Default int64  `json:"default,omitempty"`
	Error   string `json:"error,omitempty"`
}

// GroupReport is one Auto Scaling group.
type GroupReport struct {
	Name       string  `json:"name"`
	Outcome    Outcome `json:"outcome"`
	TemplateID string  `json:"template_id,omitempty"`
	From       int64   `json:"from,omitempty"` // the version that the group launched from
	To         int64   `json:"to,omitempty"`
	RefreshID  string  `json:"refresh_id,omitempty"`
	Status     string  `json:"status,omitempty"` // of the refresh, AWS's word
	Percentage int     `json:"percentage"`
	Reason     string  `json:"reason,omitempty"` // AWS's words
	// MinInService is the smallest number of instances in service, or of capacity
	// units where the group has weights, that the preferences allow while the
	// group is refreshed.
	MinInService int `json:"min_in_service"`
	// NotReplaced are the instances that a refresh leaves as they are, because
	// they are protected or in standby and the preferences say to ignore them, or
	// that it left because its last checkpoint is below 100.
	NotReplaced []string `json:"not_replaced,omitempty"`
	// Warnings are what was found about the group beforehand and does not stop
	// a refresh.
	Warnings []string `json:"warnings,omitempty"`
	// Activities are the failed scaling activities of a refresh that failed,
	// newest first, in AWS's words.
	Activities []string `json:"activities,omitempty"`
	Error      string   `json:"error,omitempty"`
}

// Target finds the report of one place.
func (r *Report) Target(t region.Target) (TargetReport, bool) {
	i := slices.IndexFunc(r.Targets, func(tr TargetReport) bool {
		return tr.Region == t.Region && (t.Account == "" || tr.Account == t.Account)
	})
	if i < 0 {
		return TargetReport{}, false
	}
	return r.Targets[i], true
}

// text is an error for the report: empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
