package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/readyami/readyami"
)

// table closes the run: what runs where now.
func table(w io.Writer, report *readyami.Report) error {
	fmt.Fprintf(w, "\n%s: %s\n\n", report.Delivery, report.Outcome)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "REGION\tIMAGE\tSTATE\tGROUP\tVERSION\tOUTCOME")
	for _, target := range report.Targets {
		for _, g := range target.Groups {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", target.Region, dash(target.Image.ID), dash(target.Image.State),
				g.Name, versions(g), g.Outcome)
		}
		if len(target.Groups) == 0 {
			fmt.Fprintf(t, "%s\t%s\t%s\t-\t-\t%s\n", target.Region, dash(target.Image.ID), dash(target.Image.State), target.Image.Outcome)
		}
	}
	return t.Flush()
}

func versions(g readyami.GroupReport) string {
	if g.To == 0 {
		return fmt.Sprint(g.From)
	}
	return fmt.Sprintf("%d -> %d", g.From, g.To)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// explain says what went wrong, what stands, and how to go on.
func explain(w io.Writer, report *readyami.Report, err error) {
	fmt.Fprintf(w, "\nnot delivered: %v\n", err)
	for _, target := range report.Targets {
		for _, g := range target.Groups {
			for _, a := range g.Activities {
				fmt.Fprintf(w, "  %s %s: %s\n", target.Region, g.Name, a)
			}
		}
	}
	fmt.Fprintln(w, "\nwhat stands:")
	if s := report.Source; s != nil && s.ID != "" {
		fmt.Fprintf(w, "  %s: image %s, %s\n", s.Region, s.ID, dash(s.State))
	}
	for _, target := range report.Targets {
		if target.Image.ID != "" && (report.Source == nil || target.Image.ID != report.Source.ID) {
			fmt.Fprintf(w, "  %s: image %s, %s\n", target.Region, target.Image.ID, dash(target.Image.State))
		}
		for _, t := range target.Templates {
			if t.To != 0 {
				fmt.Fprintf(w, "  %s: version %d of launch template %s\n", target.Region, t.To, t.Name)
			}
		}
	}
	fmt.Fprintln(w, "\nhow to go on:")
	for _, step := range report.Next {
		fmt.Fprintln(w, "  "+step)
	}
}
