// Package readyami delivers ready-to-use AMIs: images with the application and
// its dependencies installed, so that an instance serves as soon as it starts.
//
// A delivery starts from a prepared instance, or from an image that exists. It ends
// with Auto Scaling groups, in several Regions and accounts, that run the image:
//
//	prepared instance → image → copies → launch template versions → instance refreshes
//
// # Deliver
//
// A [plan.Delivery] is the desired state. [Client.Deliver] brings it about:
//
//	client := readyami.New(region.OneAccount(cfg))
//	report, err := client.Deliver(ctx, plan.Delivery{ … })
//
// Calling it again with the same delivery, after success, failure or a crash, finds
// what exists on AWS, continues from there, and creates nothing twice.
//
// # Plan, steps, Apply
//
// Deliver is [Client.Plan] followed by [Client.Apply]. Between the two, a plan can be
// printed, reviewed, stored as JSON and sent to another process. It has what each
// group launches before and after, the steps that lead there, and the findings: a
// blocker is something that would go wrong, found before the first write. Apply
// refuses a plan with [ErrStale] if AWS is no longer what the plan was made from.
//
// Each step is about one thing: an image, a launch template, a group. [Client.Step]
// looks at steps and makes the writes that they have due. It never waits for AWS. What
// may go next is a pure function of the plan and the results, [plan.Plan.Ready]. Apply
// is a loop over these two, and a workflow engine or a cron job can be one as well:
//
//	results, err := client.Status(ctx, p)      // how far is it? reads only
//	ready := p.Ready(results)                  // what may go now?
//	results, err = client.Step(ctx, p, ready...) // do it, and say when to look again
//
// # What AWS remembers
//
// There is no state file. What a later process must know is written on AWS, in tags of
// the release's own images and in the descriptions of its launch template versions:
// which image belongs to the release, what each group launched before, and what has
// been decided. Therefore any process can continue a release, and two that run at the
// same time do no harm. Groups and launch templates get no tags.
//
// # Failure
//
// A group that fails is rolled back to what it ran before, and that is proven on its
// instances. How far a failure reaches is the caller's choice: see [plan.OnFailure].
// The release is then rejected: running it again changes nothing and returns
// [ErrRejected], until [Client.Retry] begins a new attempt.
//
// An [Error] names the operation, the account and Region, the resource, its last
// state, AWS's own reason, and the ids that are needed to continue or to clean up.
// errors.Is finds the sentinels, and errors.As the smithy.APIError behind it.
//
// # Waiting
//
// A context is the only deadline of a call. If it ends, the waiting ends: what runs at
// AWS continues, and nothing is undone. Bounds on the parts of a release are
// [plan.Budgets]. If one runs out, that part has failed.
//
// # The parts
//
// The packages below can be used alone. Their functions take the client of the AWS
// SDK for Go v2, or a mock of the few methods that they call.
//
//   - [github.com/readyami/readyami/plan]: the specification, plans, steps, results and reports, as data.
//   - [github.com/readyami/readyami/ami]: the images of one Region: create, find, wait, copy in.
//   - [github.com/readyami/readyami/region]: accounts and Regions, their clients, an image copied to many.
//   - [github.com/readyami/readyami/launchtemplate]: launch templates and their versions.
//   - [github.com/readyami/readyami/asg]: Auto Scaling groups and their instance refreshes.
//   - [github.com/readyami/readyami/awstest]: an in-memory AWS behind the real SDK clients, for tests.
//
// How it works inside is in docs/design.md.
package readyami
