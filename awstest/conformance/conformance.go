// Package conformance holds the rules of AWS that delivering images rests on,
// each as a check that is made with the real SDK clients. The same checks run
// on the fakes of package awstest, on an emulator, and on an account of AWS.
//
// A check makes what it needs, looks at what AWS answers, and removes what it
// made. It needs one instance that it may image, without rebooting it.
//
//	for _, c := range conformance.Cases() {
//		if err := c.Run(ctx, env); err != nil {
//			fmt.Println(c.Name, err, c.Rule)
//		}
//	}
package conformance

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// Env is the place to check.
type Env struct {
	// Home and Away are two Regions of one account. Images are made in Home
	// and copied to Away; groups are made in Home, in default subnets. Required.
	Home, Away aws.Config
	// InstanceID is an EBS-backed instance in Home, running or stopped, that
	// checks may image. Required.
	InstanceID string
	// Prefix of the names of what the checks make. Empty: "conformance".
	Prefix string
	// Pause between two looks at something that takes time. Zero: 15 s.
	Pause time.Duration
	// Grantee is another account that images may be shared with for a moment.
	// Empty: sharing is checked with an account id of AWS's documentation.
	Grantee string
	// Tag is put on all that the checks make: images and their snapshots,
	// templates, groups and their instances. What a killed run has left is found
	// by it. Without a key: none.
	Tag types.Tag
}

// Case is one rule.
type Case struct {
	// Name is the subject and the rule in a few words, unique and stable: lists
	// of expected differences go by it.
	Name string
	// Rule is what AWS does, and Source where AWS says so.
	Rule, Source string
	check        func(*lab)
}

// Run checks the rule. An error says what was found instead, or what could not
// be made; ctx is the only limit. What the check made is removed also when it
// fails, and what could not be removed is in the error.
func (c Case) Run(ctx context.Context, env Env) (err error) {
	l := &lab{
		ctx:  ctx,
		env:  env,
		home: ec2.NewFromConfig(env.Home),
		away: ec2.NewFromConfig(env.Away),
	}
	l.env.Pause = cmp.Or(env.Pause, 15*time.Second)
	l.env.Prefix = cmp.Or(env.Prefix, "conformance")
	l.env.Grantee = cmp.Or(env.Grantee, "111122223333")
	defer func() {
		if stop := recover(); stop != nil {
			found, ours := stop.(finding)
			if !ours {
				panic(stop)
			}
			err = found
		}
		err = errors.Join(err, l.cleanUp())
	}()
	c.check(l)
	return nil
}

// Cases lists every rule, by subject.
func Cases() []Case {
	var all []Case
	for _, some := range [][]Case{
		imageCases, imageQueryCases, registerCases, copyCases, sharingCases, lifecycleCases, snapshotCases, relationCases,
		templateCases, versionCases, versionQueryCases, groupCases, refreshCases,
	} {
		all = append(all, some...)
	}
	return all
}

// finding ends a check: what was found, or what could not be done.
type finding struct{ error }

// lab is where one check is made.
type lab struct {
	ctx        context.Context
	env        Env
	home, away *ec2.Client
	made       int
	undo       []func(context.Context) error
}

// fail ends the check.
func (l *lab) fail(format string, args ...any) {
	panic(finding{fmt.Errorf(format, args...)})
}

// do ends the check when a call that has to succeed has failed.
func (l *lab) do(err error) {
	if err != nil {
		panic(finding{err})
	}
}

// that ends the check when what it looks at is not as the rule says.
func (l *lab) that(ok bool, format string, args ...any) {
	if !ok {
		l.fail(format, args...)
	}
}

// refused ends the check unless AWS refuses with one of the codes; with none,
// any refusal of AWS's will do.
func (l *lab) refused(err error, codes ...string) {
	if err == nil {
		l.fail("accepted, want %v", codes)
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		l.fail("not refused by AWS: %w", err)
	}
	for _, code := range codes {
		if api.ErrorCode() == code {
			return
		}
	}
	if len(codes) > 0 {
		l.fail("refused with %s, want %v", api.ErrorCode(), codes)
	}
}

// later notes how something is removed.
func (l *lab) later(undo func(context.Context) error) { l.undo = append(l.undo, undo) }

// cleanUp removes what was made, the newest first, also after ctx has ended.
func (l *lab) cleanUp() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.ctx), 5*time.Minute)
	defer cancel()
	var errs []error
	for i := len(l.undo) - 1; i >= 0; i-- {
		if err := l.undo[i](ctx); err != nil && !isGone(err) {
			errs = append(errs, fmt.Errorf("cleaning up: %w", err))
		}
	}
	return errors.Join(errs...)
}

// isGone tells that what was to be removed is no more.
func isGone(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch api.ErrorCode() {
	case "InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound",
		"InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException":
		return true
	}
	return false
}

// name is a new one for an image or a template.
func (l *lab) name() string {
	l.made++
	return fmt.Sprintf("%s-%d-%d", l.env.Prefix, time.Now().UnixNano(), l.made)
}

// until looks again and again until done, and ends the check with ctx.
func (l *lab) until(what string, done func() bool) {
	for !done() {
		if err := l.sleep(); err != nil {
			l.fail("%s: %w", what, err)
		}
	}
}

// sleep pauses between two looks.
func (l *lab) sleep() error {
	select {
	case <-l.ctx.Done():
		return l.ctx.Err()
	case <-time.After(l.env.Pause):
		return nil
	}
}

// image makes an image of the instance, not yet available.
func (l *lab) image(change func(*ec2.CreateImageInput)) (id, name string) {
	name = l.name()
	in := &ec2.CreateImageInput{InstanceId: &l.env.InstanceID, Name: &name, NoReboot: new(true)}
	if change != nil {
		change(in)
	}
	in.TagSpecifications = l.tagged(in.TagSpecifications, ofImage...)
	out, err := l.home.CreateImage(l.ctx, in)
	l.do(err)
	l.discard(l.home, *out.ImageId)
	return *out.ImageId, name
}

// ofImage is what an image is made of.
var ofImage = []types.ResourceType{types.ResourceTypeImage, types.ResourceTypeSnapshot}

// tagged adds the tag of all that is made to what a call tags of some kinds.
func (l *lab) tagged(specs []types.TagSpecification, kinds ...types.ResourceType) (out []types.TagSpecification) {
	if l.env.Tag.Key == nil {
		return specs
	}
	for _, kind := range kinds {
		of := types.TagSpecification{ResourceType: kind, Tags: []types.Tag{l.env.Tag}}
		for _, s := range specs {
			if s.ResourceType == kind {
				of.Tags = append(of.Tags, s.Tags...)
			}
		}
		out = append(out, of)
	}
	return out
}

// discard has an image and its snapshots removed at the end.
func (l *lab) discard(client *ec2.Client, id string) {
	l.later(func(ctx context.Context) error {
		_, err := client.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: &id, DeleteAssociatedSnapshots: new(true)})
		return err
	})
}

// available makes an image and waits for it.
func (l *lab) available(change func(*ec2.CreateImageInput)) types.Image {
	id, _ := l.image(change)
	return l.settled(l.home, id)
}

// settled waits until an image is no longer pending and returns it, available.
func (l *lab) settled(client *ec2.Client, id string) (image types.Image) {
	l.until("image "+id, func() bool {
		images := l.byFilter(client, "image-id", id)
		if len(images) == 0 {
			return false // not visible yet
		}
		image = images[0]
		return image.State != types.ImageStatePending
	})
	l.that(image.State == types.ImageStateAvailable, "image %s is %s", id, image.State)
	return image
}

// byFilter lists the account's images by one filter, disabled ones too.
func (l *lab) byFilter(client *ec2.Client, name string, values ...string) (images []types.Image) {
	pages := ec2.NewDescribeImagesPaginator(client, &ec2.DescribeImagesInput{
		Owners:          []string{"self"},
		Filters:         []types.Filter{{Name: &name, Values: values}},
		IncludeDisabled: new(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(l.ctx)
		l.do(err)
		images = append(images, page.Images...)
	}
	return images
}
