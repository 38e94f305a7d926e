package release_test

func template(def uint8, versions ...Version) Template {
	t := Template{N: uint8(len(versions)), Default: def}
	copy(t.V[:], versions)
	return t
}

// group is a group of template 0 in place 0.
func group(spelling, wave uint8) GroupSpec { return GroupSpec{Spelling: spelling, Wave: wave} }

// of puts a group on another template.
func (g GroupSpec) of(t uint8) GroupSpec { g.T = t; return g }

func (g GroupSpec) in(place uint8) GroupSpec { g.Place = place; return g }

func (g GroupSpec) outside() GroupSpec { g.Outside = true; return g }

// base is the release that most worlds vary: one place, one template, two groups in two waves, undo of the release.
func base(name, says string, vary ...func(*World)) World {
	w := World{
		Name: name, Says: says, Places: 1, Templates: []Template{template(1, verA)}, Groups: []GroupSpec{group(1, 0), group(1, 1)},
		Waves: 2, Policy: scopeRelease, Limit: 2, SetDefault: true, Procs: 1,
	}
	for _, v := range vary {
		v(&w)
	}
	return w
}

var verA, verB = Version{Base: 0}, Version{Base: 1}

func groups(gs ...GroupSpec) func(*World) {
	return func(w *World) {
		w.Groups, w.Waves = gs, 1
		for _, g := range gs {
			w.Waves = max(w.Waves, int(g.Wave)+1)
		}
	}
}

func templates(ts ...Template) func(*World) { return func(w *World) { w.Templates = ts } }
func fails(n uint8) func(*World)            { return func(w *World) { w.B.Fail = n } }
func badCheck(w *World)                     { w.B.Check = 1 }
func cancels(w *World)                      { w.B.Cancel = 1 }
func foreignRefresh(w *World)               { w.B.ForeignRefresh = 1 }
func foreignVersion(w *World)               { w.B.ForeignVersion = 1 }
func retries(n uint8) func(*World)          { return func(w *World) { w.B.Retry = n } }
func dies(w *World)                         { w.B.Die = 1 }
func loops(w *World)                        { w.Loops = true }
func deaths(n uint8) func(*World)           { return func(w *World) { w.B.Die = n } }
func holds(w *World)                        { w.B.Hold = 1 }
func policy(p uint8) func(*World)           { return func(w *World) { w.Policy = p } }
func mayFail(n int) func(*World)            { return func(w *World) { w.MaxFailures = n } }
func autoRollback(w *World)                 { w.AutoRollback = true }
func approval(w *World)                     { w.Approval, w.WrongApproval = true, true }
func lastCheck(w *World)                    { w.LastCheck = true }
func noRestore(w *World)                    { w.NoRestore = true }
func noDefault(w *World)                    { w.SetDefault = false }
func scaleOut(w *World)                     { w.ScaleOut = true }
func images(w *World)                       { w.Images = true }
func inParts(w *World)                      { w.Procs, w.Parts = 2, true }
func two(w *World)                          { w.Procs = 2 }
func processes(n int) func(*World)          { return func(w *World) { w.Procs = n } }
func twoPlaces(w *World)                    { w.Places = 2 }
func big(w *World)                          { w.Big = true }
func residual(w *World)                     { w.Residual, w.Big = true, true }

// worlds are all the worlds, the small ones first.
func worlds() []World {
	float0 := groups(group(latest, 0), group(1, 1))
	float1 := groups(group(1, 0), group(latest, 1))
	three := groups(group(latest, 0), group(1, 1), group(1, 1))
	oneWave := groups(group(latest, 0), group(1, 0))
	ab := templates(template(1, verA, verB))
	aAndB := templates(template(1, verA), template(1, verB))
	return []World{
		// One process.
		base("1a-numbers", "groups spelled by number", fails(2), badCheck),
		base("1b-float", "a floating group in the second wave", float1, fails(2), badCheck),
		base("1c-float-retry", "the same with a Retry", float1, fails(3), badCheck, retries(1)),
		base("1d-two-sources", "two source versions of one template", ab, float0, fails(2), badCheck, retries(1)),
		base("1e-equal-sources", "two source versions with equal data", templates(template(1, verA, verA)), groups(group(1, 0), group(2, 1)), fails(2), badCheck),
		base("1f-scope-group", "undo of a group", three, fails(2), badCheck, policy(scopeGroup)),
		base("1g-scope-wave", "undo of a wave", three, fails(2), badCheck, policy(scopeWave)),
		base("1h-max-failures", "one failure is allowed", three, fails(3), badCheck, mayFail(1)),
		base("1i-leave", "a failure undoes nothing", three, fails(3), policy(scopeNone)),
		base("1j-auto-rollback", "AWS rolls back by itself", float0, fails(3), badCheck, retries(1), autoRollback, lastCheck),
		base("1k-approval", "approval before the second wave", float0, fails(2), badCheck, retries(1), approval),
		base("1l-outside", "a floating group outside the release", groups(group(1, 0), group(latest, 0).outside()), fails(1)),
		base("1m-default", "a group on $Default, one on $Latest", ab, groups(group(defaultVer, 0), group(latest, 1)), fails(2), badCheck, retries(1), lastCheck),
		base("1n-no-restore", "restore-template is off", fails(2), badCheck, retries(1), noRestore),
		base("1o-two-templates", "two templates", aAndB, groups(group(1, 0), group(latest, 1).of(1), group(latest, 1)), fails(2), badCheck, retries(1)),
		base("1p-cancel", "somebody cancels a refresh", float0, fails(1), badCheck, cancels, retries(1)),
		base("1q-scale-out", "a group scales out at any time", float0, fails(2), badCheck, retries(1), scaleOut, lastCheck),
		base("1r-foreign-refresh", "somebody else refreshes a group", float0, fails(1), badCheck, foreignRefresh),
		base("1s-foreign-version", "somebody else makes a version", float0, fails(1), badCheck, foreignVersion),
		base("1t-places", "two places, an image and its copy", twoPlaces, templates(template(1, verA), template(1, verA)), groups(group(1, 0), group(latest, 1).in(1).of(1)), fails(2), badCheck, retries(1), images),
		base("1u-leave-check", "a check fails and nothing is undone", fails(1), badCheck, policy(scopeNone)),
		base("1v-auto-rollback-retry", "AWS rolls back by itself, then a Retry", fails(2), badCheck, retries(1), autoRollback),
		base("1y-no-restore-float", "restore-template is off, a floating group, a stranger's version", float0, fails(1), badCheck, noRestore, foreignVersion),
		base("1z-no-restore-retry", "restore-template is off, a floating group, Retry", float0, fails(2), badCheck, noRestore, retries(1), scaleOut),
		base("1w-record", "two floating groups of one place", groups(group(latest, 0), group(latest, 1)), fails(1), badCheck, retries(1)),
		base("1x-hold", "a hold at any time", float0, fails(1), badCheck, holds),
		// One process at a time, which dies or gets no answer while its write is on the way.
		base("2a-death", "floating group", float1, fails(1), badCheck, dies),
		base("2b-death-retry", "floating group, Retry", float1, noDefault, fails(1), badCheck, retries(1), dies),
		base("2c-death-two-templates", "two templates in one wave", aAndB, groups(group(1, 0), group(latest, 0).of(1)), fails(1), dies),
		base("2d-death-record", "two floating groups of one place", groups(group(latest, 0), group(latest, 0)), fails(1), dies),
		base("2e-death-auto-rollback-retry", "AWS rolls back by itself, then a Retry", noDefault, fails(1), badCheck, retries(1), autoRollback, dies),
		base("2f-death-last-check", "a check behind the last wave", oneWave, fails(1), badCheck, lastCheck, scaleOut, dies),
		base("2g-death-cancel", "somebody cancels a refresh", oneWave, fails(1), cancels, dies),
		base("2h-death-images", "two places, an image and its copy", twoPlaces, templates(template(1, verA), template(1, verA)), groups(group(1, 0), group(latest, 1).in(1).of(1)), noDefault, fails(1), images, dies),
		base("2i-two-deaths", "one after the other", groups(group(1, 0), group(latest, 0)), noDefault, fails(1), deaths(2)),
		base("2j-death-auto-rollback", "AWS rolls back by itself, two templates in one wave", aAndB, groups(group(1, 0), group(latest, 0).of(1)), noDefault, fails(1), autoRollback, dies),
		// Two processes.
		base("3a-numbers", "groups spelled by number", two, fails(2), badCheck),
		base("3b-float", "a floating group in the second wave", two, float1, fails(1), badCheck),
		base("3c-two-templates", "two templates in one wave", two, aAndB, groups(group(1, 0), group(latest, 0).of(1)), fails(1)),
		base("3d-retry", "floating group, Retry", two, float1, noDefault, fails(1), badCheck, retries(1)),
		base("3e-three", "three groups, two source versions", two, ab, groups(group(1, 0), group(latest, 1), group(1, 1)), fails(1), badCheck, big),
		base("3f-max-failures", "one failure is allowed", two, three, fails(2), mayFail(1), big),
		base("3g-scope-group", "undo of a group", two, three, fails(2), policy(scopeGroup), big),
		base("3h-scope-wave", "undo of a wave", two, three, fails(2), policy(scopeWave), big),
		base("3i-approval", "approval before the second wave", two, float0, noDefault, fails(1), retries(1), approval, big),
		base("3j-cancel", "somebody cancels a refresh", two, oneWave, fails(1), cancels),
		base("3k-last-check", "a check behind the last wave, scale-out", two, oneWave, fails(1), badCheck, lastCheck, scaleOut),
		base("3l-auto-rollback-retry", "AWS rolls back by itself, then a Retry", two, noDefault, fails(1), badCheck, retries(1), autoRollback),
		base("3m-leave-check", "a check fails and nothing is undone", two, noDefault, fails(1), badCheck, policy(scopeNone)),
		base("3n-foreign-version", "somebody else makes a version", two, float0, fails(1), badCheck, foreignVersion, residual),
		base("3o-cancel-retry", "somebody cancels a refresh; Retry", two, float0, noDefault, fails(1), badCheck, cancels, retries(1), big),
		base("3p-record", "two floating groups of one place", two, groups(group(latest, 0), group(latest, 0)), noDefault, fails(1)),
		base("3q-hold", "a hold at any time", two, oneWave, noDefault, fails(1), holds),
		base("3r-two-retries", "two processes may both retry", two, groups(group(1, 0), group(1, 0)), noDefault, fails(2), retries(2)),
		base("3s-death", "two processes, of which one may die", two, groups(group(1, 0), group(latest, 0)), noDefault, fails(1), dies, big),
		base("3t-death-retry", "the same with a Retry", two, groups(group(latest, 0)), noDefault, fails(1), retries(1), dies, big),
		base("3u-images", "two processes make the image and its copy", two, twoPlaces, templates(template(1, verA), template(1, verA)), groups(group(1, 0), group(latest, 0).in(1).of(1)), noDefault, fails(1), images, big),
		base("3v-auto-rollback-two-templates", "AWS rolls back by itself, two templates in one wave", two, aAndB, groups(group(1, 0), group(latest, 0).of(1)), noDefault, fails(1), autoRollback),
		base("3w-auto-rollback-scale-out", "AWS rolls back by itself, scale-out, Retry", two, float1, noDefault, fails(1), badCheck, retries(1), autoRollback, scaleOut, big),
		base("3x-no-restore", "restore-template is off, floating group, scale-out, a check behind the last wave", two, oneWave, fails(1), badCheck, noRestore, scaleOut, lastCheck, autoRollback, big),
		base("3y-no-restore-cancel", "restore-template is off, two sources", two, ab, oneWave, fails(2), cancels, noRestore, scaleOut, big),
		base("3z-max-failures", "one failure is allowed, scale-out", two, groups(group(latest, 0), group(latest, 0)), fails(2), mayFail(1), scaleOut, big),
		// Two processes, of which one reads in parts.
		base("4a-parts", "floating group", inParts, oneWave, fails(1)),
		base("4b-parts-waves", "two waves", inParts, float0, fails(1), big),
		base("4c-parts-retry", "Retry", inParts, float0, noDefault, fails(1), badCheck, retries(1), big),
		base("4d-parts-record", "two floating groups of one place", inParts, groups(group(latest, 0), group(latest, 0)), noDefault, fails(1), big),
		base("4e-parts-one-group", "one group, Retry", inParts, groups(group(latest, 0)), noDefault, fails(1), retries(1)),
		base("4f-parts-cancel", "somebody cancels a refresh", inParts, oneWave, noDefault, fails(1), cancels, big),
		// Three processes.
		base("6a-three-processes", "one floating group", processes(3), groups(group(latest, 0)), noDefault, fails(1), big),
		base("6b-three-processes-retry", "the same with a Retry", processes(3), groups(group(latest, 0)), noDefault, fails(1), retries(1), big),
		base("6c-three-processes-parts", "the same; one reads in parts", inParts, processes(3), groups(group(latest, 0)), noDefault, fails(1), big),
		base("6d-three-processes-cancel", "the same; somebody cancels a refresh", inParts, processes(3), groups(group(1, 0)), noDefault, fails(1), cancels, big),
		// One process with two loops, one for each template.
		base("7a-loops", "two templates in one wave, AWS rolls back by itself", two, loops, aAndB, groups(group(1, 0), group(1, 0).of(1)), fails(1), autoRollback),
		base("7b-loops-retry", "two waves, Retry", two, loops, aAndB, groups(group(1, 0), group(latest, 0).of(1), group(latest, 1)), noDefault, fails(1), badCheck, retries(1), big),
		base("7c-loops-cancel", "somebody cancels a refresh", two, loops, aAndB, groups(group(1, 0), group(latest, 0).of(1)), noDefault, fails(1), cancels, retries(1)),
		base("7d-loops-leave-check", "a check fails and nothing is undone", two, loops, aAndB, groups(group(1, 0), group(latest, 1).of(1)), noDefault, fails(1), badCheck, policy(scopeNone)),
		// Large.
		base("5a-two-templates-two-sources-retry", "", two, templates(template(1, verA, verB), template(1, verA)), groups(group(1, 0), group(latest, 1), group(latest, 1).of(1)), fails(1), badCheck, retries(1), big),
		base("5b-approval-retry-last-check", "", two, ab, groups(group(latest, 0), group(1, 1), group(defaultVer, 1)), fails(2), badCheck, retries(1), approval, lastCheck, autoRollback, big),
		base("5c-places-images-max-failures", "", two, twoPlaces, templates(template(1, verA, verB), template(1, verA)), groups(group(latest, 0), group(1, 1), group(latest, 1).in(1).of(1)), fails(2), badCheck, mayFail(1), images, big),
		base("5d-scale-out-retry", "", two, ab, groups(group(1, 0), group(latest, 0), group(1, 1)), fails(2), badCheck, retries(1), scaleOut, big),
	}
}
