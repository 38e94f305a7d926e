package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/readyami/readyami/plan"
)

// table closes the run: what each group runs now.
func table(w io.Writer, report *plan.Report) error {
	fmt.Fprintf(w, "\n%s: %s\n\n", report.Plan.Delivery.Name, report.Outcome)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "REGION\tIMAGE\tGROUP\tVERSION\tREFRESH")
	for _, g := range report.Groups() {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", g.Region, dash(g.After.Image), g.Name, versions(g), g.State)
	}
	return t.Flush()
}

func versions(g plan.GroupReport) string {
	if g.After.Version == 0 {
		return fmt.Sprint(g.Before.Version)
	}
	return fmt.Sprintf("%d -> %d", g.Before.Version, g.After.Version)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// explain prints what went wrong, what exists, and how to go on.
func explain(w io.Writer, report *plan.Report, err error) {
	fmt.Fprintf(w, "\nnot delivered: %v\n", err)
	for _, g := range report.Groups() {
		if g.Result == nil {
			continue
		}
		for _, a := range g.Result.Activities {
			fmt.Fprintf(w, "  %s %s: %s\n", g.Region, g.Name, a)
		}
	}
	fmt.Fprintln(w, "\nwhat exists:")
	for _, s := range report.Plan.Steps() {
		in := report.Plan.Places[s.Place].Region
		switch res, _ := report.Result(s.ID); {
		case res.Image != nil:
			fmt.Fprintf(w, "  %s: image %s, %s\n", in, res.Image.ID, dash(res.Image.State))
		case s.Kind == plan.StepTemplateVersion && res.Version != nil && res.Version.To != 0:
			fmt.Fprintf(w, "  %s: version %d of launch template %s\n", in, res.Version.To, res.Version.Template)
		case s.Kind == plan.StepRestoreGroup && res.State == plan.StateSucceeded && res.Group.RefreshID != "":
			fmt.Fprintf(w, "  %s: group %s runs version %d again\n", in, subject(s.ID), res.Group.From)
		}
	}
	if report.Error != nil && report.Error.Hint != "" {
		fmt.Fprintf(w, "\nhow to go on:\n  %s\n", report.Error.Hint)
	}
}
