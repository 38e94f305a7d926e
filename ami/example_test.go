package ami_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/readyami/readyami/ami"
	"github.com/readyami/readyami/awstest"
)

// often is for Examples, where nothing takes its time.
func often(o *ami.Options) { o.Poll = ami.Schedule{Min: time.Millisecond, Max: time.Millisecond} }

// An image is made once: the second call, by another process, finds it.
func ExampleCreate() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	in := ami.CreateInput{
		InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}),
		Name:       "MyReadyToUseAMI",
		Reboot:     ami.NoReboot,
		Tags:       map[string]string{"team": "web"},
	}
	for range 2 {
		made, err := ami.Create(ctx, api, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		images, err := ami.Wait(ctx, api, []string{made.ImageID})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(images[0].State, "adopted:", made.Adopted)
	}
	fmt.Println("images made:", cloud.Count("CreateImage"))
	// Output:
	// available adopted: false
	// available adopted: true
	// images made: 1
}

// A name that is taken by something else is found before anything is written.
func ExampleCreate_nameTaken() {
	ctx, cloud := context.Background(), awstest.New()
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"})

	_, err := ami.Create(ctx, ec2.NewFromConfig(cloud.Config("eu-west-1")), ami.CreateInput{
		InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}),
		Name:       "MyReadyToUseAMI",
		Reboot:     ami.Reboot,
	})
	fmt.Println(errors.Is(err, ami.ErrNameTaken), "writes:", len(cloud.Writes()))
	// Output: true writes: 0
}

// What ran is stopped for its image, and started again.
func ExampleCreateStopped() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	made, err := ami.CreateStopped(ctx, api, ami.CreateInput{
		InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}),
		Name:       "MyReadyToUseAMI",
	}, often)
	if err != nil {
		fmt.Println(err)
		return
	}
	image, err := ami.Get(ctx, api, made.ImageID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(image.State)
	for _, call := range cloud.Writes() {
		fmt.Println(call.Operation)
	}
	// Output:
	// available
	// CreateTags
	// StopInstances
	// CreateImage
	// StartInstances
	// DeleteTags
}

// A failed copy is replaced by the next call, and its name is used again.
func ExampleCopy() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1")) // where the copy shall be
	in := ami.CopyInput{
		SourceImageID: cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "MyReadyToUseAMI"}),
		SourceRegion:  "us-east-1",
		Name:          "MyReadyToUseAMI",
	}
	cloud.FailImages(awstest.ImageMatch{Region: "eu-west-1"}, "Client.InternalError", "Copy image failed with an internal error")
	for range 2 {
		made, err := ami.Copy(ctx, api, in)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("replaces a failed one:", made.Replaced != "")
		_, err = ami.Wait(ctx, api, []string{made.ImageID})
		fmt.Println("failed:", errors.Is(err, ami.ErrFailed))
		if e, ok := errors.AsType[*ami.Error](err); ok {
			fmt.Println(e.Reason)
			fmt.Println(e.Hint)
		}
		cloud.ForgetScripts()
	}
	// Output:
	// replaces a failed one: false
	// failed: true
	// Client.InternalError: Copy image failed with an internal error
	// often a KMS key that does not exist in this Region or that the caller may not use
	// replaces a failed one: true
	// failed: false
}

// What a caller has put together is checked before anything is called.
func ExampleCopyInput_Check() {
	err := ami.CopyInput{
		SourceImageID: "ami-0123456789abcdef0",
		SourceRegion:  "us-east-1",
		Name:          "MyReadyToUseAMI",
		Encrypted:     true,
		KMSKeyID:      "arn:aws:kms:us-east-1:123456789012:alias/images",
	}.Check("eu-west-1")
	fmt.Println(err)
	// Output: ami.Copy eu-west-1: invalid input: KMSKeyID: the key is in us-east-1; a copy needs one of its own Region
}

func ExampleCreateInput_Check() {
	err := ami.CreateInput{InstanceID: "i-0123456789abcdef0", Name: "my*image"}.Check("eu-west-1")
	fmt.Println(err)
	// Output: ami.Create eu-west-1: invalid input: Name: "my*image": 3 to 128 letters, digits, spaces and ()[]./-'@_ are allowed
}

// A watch tells of each change of each image; one that fails stops no other.
func ExampleWatch() {
	ctx, cloud := context.Background(), awstest.New(awstest.WithTiming(awstest.SeenOnce))
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	cloud.FailImages(awstest.ImageMatch{Name: "bad"}, "Server.InternalError", "Internal error")
	var ids []string
	for _, name := range []string{"good", "bad"} {
		made, err := ami.Create(ctx, api, ami.CreateInput{
			InstanceID: cloud.Region("eu-west-1").PreparedInstance(awstest.InstanceSeed{}), Name: name, Reboot: ami.Reboot,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		ids = append(ids, made.ImageID)
	}
	for s, err := range ami.Watch(ctx, api, ids, often) {
		if err != nil {
			fmt.Println("the watch ended:", err)
			return
		}
		fmt.Println(aws.ToString(s.Image.Name), s.State, "usable:", s.Done && s.Err == nil)
	}
	// Output:
	// good pending usable: false
	// bad pending usable: false
	// good available usable: true
	// bad failed usable: false
}

// When the time is up, the error says how far each image is, and nothing is
// undone: another Wait takes it up again.
func ExampleWait() {
	cloud := awstest.New(awstest.WithTiming(awstest.Timing{ImageCopy: time.Hour}))
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	made, err := ami.Copy(context.Background(), api, ami.CopyInput{
		SourceImageID: cloud.Region("us-east-1").OwnImage(awstest.ImageSeed{Name: "web"}), SourceRegion: "us-east-1", Name: "web",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err = ami.Wait(ctx, api, []string{made.ImageID}, often)
	if e, ok := errors.AsType[*ami.Error](err); ok {
		fmt.Println(e.State, e.ID == made.ImageID, errors.Is(err, context.DeadlineExceeded))
	}

	cloud.Advance(time.Hour)
	images, err := ami.Wait(context.Background(), api, []string{made.ImageID})
	fmt.Println(images[0].State, err)
	// Output:
	// pending true true
	// available <nil>
}

// Only images of the owners that are named are found: anybody may publish an
// image of any name.
func ExampleFind() {
	ctx, cloud := context.Background(), awstest.New()
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1", Age: 48 * time.Hour})
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 2", Age: 24 * time.Hour})
	cloud.Region("eu-west-1").ForeignImage("999999999999", "web 3", true)

	images, err := ami.Find(ctx, ec2.NewFromConfig(cloud.Config("eu-west-1")), ami.Query{Owners: []string{ami.Self}, Name: "web *"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, image := range images {
		fmt.Println(*image.Name)
	}
	// Output:
	// web 2
	// web 1
}

// None is an error, and so are two that are equally new: ErrAmbiguous names them.
func ExampleLatest() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	q := ami.Query{Owners: []string{ami.Self}, Tags: map[string]string{"team": "web"}, Architecture: "arm64"}
	seed := awstest.ImageSeed{Name: "web 1", Tags: q.Tags, Architecture: types.ArchitectureValuesArm64, Age: time.Hour}

	_, err := ami.Latest(ctx, api, q)
	fmt.Println("none:", errors.Is(err, ami.ErrNotFound))
	cloud.Region("eu-west-1").OwnImage(seed)
	image, err := ami.Latest(ctx, api, q)
	fmt.Println(aws.ToString(image.Name), err)
	// Output:
	// none: true
	// web 1 <nil>
}

func ExampleGet() {
	ctx, cloud := context.Background(), awstest.New()
	id := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"})
	image, err := ami.Get(ctx, ec2.NewFromConfig(cloud.Config("eu-west-1")), id)
	fmt.Println(aws.ToString(image.Name), err)
	_, err = ami.Get(ctx, ec2.NewFromConfig(cloud.Config("us-east-1")), id)
	fmt.Println("in another Region:", errors.Is(err, ami.ErrNotFound))
	// Output:
	// web 1 <nil>
	// in another Region: true
}

// Whether a name is free can be asked before there is anything to make.
func ExampleFindByName() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"})
	for _, name := range []string{"web 1", "web 2"} {
		holder, err := ami.FindByName(ctx, api, name)
		fmt.Println(name, "is free:", holder == nil, err)
	}
	// Output:
	// web 1 is free: false <nil>
	// web 2 is free: true <nil>
}

// An image goes with its snapshots; that it is gone already is no error.
func ExampleDeregister() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	id := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1"})
	for range 2 {
		results, err := ami.Deregister(ctx, api, id)
		for _, r := range results {
			fmt.Println("snapshot:", r.ReturnCode)
		}
		fmt.Println(err)
	}
	// Output:
	// snapshot: success
	// <nil>
	// <nil>
}

func ExampleTag() {
	ctx, cloud := context.Background(), awstest.New()
	api := ec2.NewFromConfig(cloud.Config("eu-west-1"))
	id := cloud.Region("eu-west-1").OwnImage(awstest.ImageSeed{Name: "web 1", Tags: map[string]string{ami.TagDelivery: "web"}})
	image, err := ami.Get(ctx, api, id)
	if err != nil {
		fmt.Println(err)
		return
	}
	if ami.Tag(image.Tags, ami.TagDelivery) == "" {
		fmt.Println("not made by a delivery")
		return
	}
	fmt.Println("made by the delivery", ami.Tag(image.Tags, ami.TagDelivery))
	// Output: made by the delivery web
}
