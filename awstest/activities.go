package awstest

import (
	"fmt"
	"strings"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// activity is one scaling activity: what a group did, and why.
type activity struct {
	id          string
	group       *group
	description string
	cause       string
	details     string // JSON
	status      astypes.ScalingActivityStatusCode
	message     string
	progress    int32
	started     time.Time
	ended       time.Time // zero: not yet
}

// begin enters a new activity.
func (g *group) begin(description, cause string) *activity {
	a := &activity{
		id:          g.newUUID("activity"),
		group:       g,
		description: description,
		cause:       cause,
		details:     "{}",
		status:      astypes.ScalingActivityStatusCodeInProgress,
		started:     g.now,
	}
	g.activities = append(g.activities, a)
	return a
}

// about says which member the activity is about.
func (a *activity) about(m *member, progress int32) {
	if strings.HasPrefix(a.description, "Launching a new EC2 instance") && !strings.HasSuffix(a.description, m.id) {
		a.description += ": " + m.id
		a.status = astypes.ScalingActivityStatusCodePreInService
	}
	a.details = fmt.Sprintf(`{"Subnet ID":"%s","Availability Zone":"%s"}`, m.subnet.id, m.subnet.zone.name)
	a.progress = progress
}

func (a *activity) end(now time.Time, status astypes.ScalingActivityStatusCode) {
	if a == nil || !a.ended.IsZero() {
		return
	}
	a.status, a.progress, a.ended = status, 100, now
}

func (a *activity) succeeded(now time.Time) {
	a.end(now, astypes.ScalingActivityStatusCodeSuccessful)
}

func (a *activity) cancelled(now time.Time) {
	a.end(now, astypes.ScalingActivityStatusCodeCancelled)
}

func (a *activity) failed(now time.Time, message string) {
	a.end(now, astypes.ScalingActivityStatusCodeFailed)
	a.explain(message)
}

// explain says why an activity did not succeed.
func (a *activity) explain(message string) {
	a.message = message
	a.description += ".  Status Reason: " + message
}

func (a *activity) render() astypes.Activity {
	out := astypes.Activity{
		ActivityId:            new(a.id),
		AutoScalingGroupName:  new(a.group.name),
		AutoScalingGroupARN:   new(a.group.arn),
		Description:           new(a.description),
		Cause:                 new(a.cause),
		Details:               new(a.details),
		AutoScalingGroupState: new("InService"),
		StatusCode:            a.status,
		Progress:              new(a.progress),
		StartTime:             new(a.started),
	}
	if a.group.groups.byName[a.group.name] != a.group {
		out.AutoScalingGroupState = new("Deleted")
	}
	if a.message != "" {
		out.StatusMessage = new(a.message)
	}
	if !a.ended.IsZero() {
		out.EndTime = new(a.ended)
	}
	return out
}

// at is a sentence of a cause, dated now.
func (g *group) at(format string, args ...any) string {
	return "At " + g.now.UTC().Format(time.RFC3339) + " " + fmt.Sprintf(format, args...)
}
