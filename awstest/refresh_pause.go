package awstest

// paused says what keeps the refresh from replacing anything for now, empty
// when nothing does.
func (r *refresh) paused() string {
	if r.group.suspended(processInstanceRefresh) {
		return "The InstanceRefresh process is suspended. Resume it to continue."
	}
	if name := r.alarmIn(AlarmInsufficientData); name != "" {
		return "Waiting for the CloudWatch alarm " + name + ", which has insufficient data."
	}
	return ""
}

// resume starts the time anew in which something has to move on.
func (r *refresh) resume() {
	if r.paused() == "" {
		r.progressed()
	}
}
