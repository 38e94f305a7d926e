package awstest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// clientsOf makes the real clients of the services that the fake answers for,
// by the name of their package.
var clientsOf = map[string]func(aws.Config) any{
	"autoscaling": func(c aws.Config) any { return autoscaling.NewFromConfig(c) },
	"ec2":         func(c aws.Config) any { return ec2.NewFromConfig(c) },
	"kms":         func(c aws.Config) any { return kms.NewFromConfig(c) },
	"ssm":         func(c aws.Config) any { return ssm.NewFromConfig(c) },
	"sts":         func(c aws.Config) any { return sts.NewFromConfig(c) },
}

// driver makes calls at random, of every operation that is registered: one that
// is added joins by itself. What it has seen in answers it uses in later
// inputs, so that most calls are about things that exist.
type driver struct {
	*rand.Rand
	cloud    *Cloud
	accounts []string
	regions  []string
	clients  map[string]reflect.Value
	types    []reflect.Type // the inputs, in a fixed order
	seen     map[sighting][]string
	at       place           // where the call in hand is made
	service  string          // of which service
	op       string          // and of which operation
	required map[string]bool // operation.Field
	density  float64         // how often a field of this call is set
	made     int
	prefix   string // of new names
	stray    bool   // set fields now and then that are not modelled
}

func newDriver(cloud *Cloud, r *rand.Rand, prefix string) *driver {
	d := &driver{
		Rand: r, cloud: cloud, prefix: prefix,
		accounts: []string{DefaultAccount, "222222222222"},
		regions:  []string{"eu-west-1", "us-east-1"},
		clients:  map[string]reflect.Value{},
		types:    registered(),
		seen:     map[sighting][]string{},
		required: map[string]bool{},
	}
	for _, account := range d.accounts {
		for _, region := range d.regions {
			d.at = place{account, region}
			d.know(cloud.Account(account).Region(region))
		}
	}
	return d
}

// fork is another driver of the same cloud, which knows what this one knows now.
func (d *driver) fork(r *rand.Rand, prefix string) *driver {
	other := *d
	other.Rand, other.prefix = r, prefix
	other.clients, other.required = map[string]reflect.Value{}, maps.Clone(d.required)
	other.seen = map[sighting][]string{}
	for at, all := range d.seen {
		other.seen[at] = slices.Clone(all)
	}
	return &other
}

// registered are the input types of all operations.
func registered() []reflect.Type {
	return slices.SortedFunc(maps.Keys(registry), func(a, b reflect.Type) int { return strings.Compare(a.String(), b.String()) })
}

// know puts a few things into a Region, so that there is something to begin
// with.
func (d *driver) know(r *Region) {
	d.made++
	name := fmt.Sprintf("%s-seed-%d", d.prefix, d.made)
	r.RecycleBin(RetentionRule{Images: true, Snapshots: true, For: 24 * time.Hour})
	group := r.Group(GroupSeed{Name: name, Size: 2, Tags: map[string]string{"team": "web"}})
	d.saw("AutoScalingGroupName", group.Name)
	d.saw("LaunchTemplateId", group.TemplateID)
	d.saw("ImageId", group.ImageID)
	d.saw("KeyId", r.Key(KeySeed{}))
	d.saw("ImageId", r.OwnImage(ImageSeed{Name: name, DataGiB: []int32{1}, SharedWith: d.accounts[1:]}))
	d.saw("InstanceId", r.PreparedInstance(InstanceSeed{}))
	network := r.Network()
	for _, id := range network.Subnets {
		d.saw("SubnetId", id)
		d.saw("VPCZoneIdentifier", id)
	}
	for _, id := range network.SecurityGroups {
		d.saw("SecurityGroupId", id)
	}
	d.harvest(reflect.ValueOf(r.Snapshots()), "")
	d.harvest(reflect.ValueOf(r.Instances()), "")
}

// sighting is where a value was seen. A Name means something else to each
// service.
type sighting struct {
	place
	field string
}

func (d *driver) sighting(field string) sighting {
	if field == "Name" {
		field = d.service + " Name"
	}
	return sighting{d.at, field}
}

// saw remembers a value under the name of the field that it was in.
func (d *driver) saw(name, value string) {
	if value == "" || len(value) > 300 {
		return
	}
	field := d.sighting(name)
	all := d.seen[field]
	if slices.Contains(all, value) {
		return
	}
	if len(all) == 24 { // the newest are the ones that exist
		all = slices.Delete(all, 0, 1)
	}
	d.seen[field] = append(all, value)
}

// harvest remembers all strings of an answer.
func (d *driver) harvest(v reflect.Value, field string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			d.harvest(v.Elem(), field)
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.harvest(v.Index(i), singular(field))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" && f.Name != "NextToken" {
				d.harvest(v.Field(i), f.Name)
			}
		}
	case reflect.String:
		d.saw(field, v.String())
	}
}

func singular(name string) string { return strings.TrimSuffix(name, "s") }

// outcome is one call that was made.
type outcome struct {
	op      string
	in, out any // out is nil after an error
	err     error
}

// step makes one call.
func (d *driver) step(ctx context.Context) outcome {
	return d.call(ctx, d.types[d.IntN(len(d.types))])
}

// call makes a call of the operation with an input type, by the real client.
func (d *driver) call(ctx context.Context, t reflect.Type) outcome {
	// Mostly the first account, and the first Region.
	d.at = place{d.accounts[max(0, d.IntN(4)-2)], d.regions[max(0, d.IntN(4)-2)]}
	d.service, d.op = path.Base(t.Elem().PkgPath()), registry[t].name
	var o outcome
	for range 4 {
		d.density = []float64{0.02, 0.3, 0.8}[d.IntN(3)]
		o = d.callOnce(ctx, t)
		if invalid, ok := errors.AsType[smithy.InvalidParamsError](o.err); !ok || !d.learn(o.op, invalid) {
			break
		}
	}
	if o.out != nil {
		d.harvest(reflect.ValueOf(o.in), "")
		d.harvest(reflect.ValueOf(o.out), "")
	}
	return o
}

// learn remembers which fields the SDK requires, and tells whether it was news.
func (d *driver) learn(op string, invalid smithy.InvalidParamsError) (news bool) {
	for _, field := range strings.Split(invalid.Error(), "\n")[1:] {
		_, field, _ := strings.Cut(field, "Input.")
		field, _, _ = strings.Cut(field, ".")
		if field = strings.TrimSpace(field); field != "" && !d.required[op+"."+field] {
			d.required[op+"."+field] = true
			news = true
		}
	}
	return news
}

func (d *driver) callOnce(ctx context.Context, t reflect.Type) outcome {
	op := registry[t]
	in := d.input(reflect.New(t.Elem()), op)
	method := d.client().MethodByName(op.name)
	got := method.Call([]reflect.Value{reflect.ValueOf(ctx), in})
	o := outcome{op: op.name, in: in.Interface()}
	if err, failed := got[1].Interface().(error); failed {
		o.err = err
	} else {
		o.out = got[0].Interface()
	}
	return o
}

func (d *driver) client() reflect.Value {
	key := d.service + "/" + d.at.account + "/" + d.at.region
	c, ok := d.clients[key]
	if !ok {
		make := clientsOf[d.service]
		if make == nil {
			panic("awstest: a test knows no client of " + d.service + ": put it into clientsOf")
		}
		cfg := d.cloud.Account(d.at.account).Config(d.at.region)
		cfg.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
		c = reflect.ValueOf(make(cfg))
		d.clients[key] = c
	}
	return c
}

// fill sets fields of an input at random.
func (d *driver) fill(in reflect.Value, op *operation) {
	refused := map[string]*fieldSet{}
	for _, rule := range op.fields.fields {
		refused[rule.name] = cmp.Or(rule.below, &fieldSet{})
	}
	only := -1 // at low density one more field is set, and no other
	if d.density < 0.2 {
		only = d.IntN(in.NumField())
	}
	for i := range in.NumField() {
		f := in.Type().Field(i)
		rule, limited := refused[f.Name]
		stray := d.stray && d.Float64() < 0.003
		if !f.IsExported() || i != only && d.Float64() > d.likely(op.name, f.Name) || limited && len(rule.fields) == 0 && !stray {
			continue
		}
		d.value(in.Field(i), f.Name, 0)
		if limited && !stray {
			clearBelow(in.Field(i), rule)
		}
	}
}

// likely is how often a field is set: what the SDK requires always, a token or
// a dry run seldom.
func (d *driver) likely(op, field string) float64 {
	if d.required[op+"."+field] {
		return 1
	}
	switch field {
	case "DryRun", "NextToken", "PresignedUrl":
		return 0.02
	case "Filters":
		return 0.1
	case "ImageId", "InstanceType", "LaunchTemplateId", "VPCZoneIdentifier", "BlockDeviceMappings":
		return max(0.6, d.density)
	}
	return d.density
}

// clearBelow empties the parts of a value that are not modelled.
func clearBelow(v reflect.Value, rules *fieldSet) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			clearBelow(v.Elem(), rules)
		}
	case reflect.Slice:
		for i := range v.Len() {
			clearBelow(v.Index(i), rules)
		}
	case reflect.Struct:
		for _, rule := range rules.fields {
			if rule.below != nil {
				clearBelow(v.Field(rule.index), rule.below)
			} else {
				v.Field(rule.index).SetZero()
			}
		}
	}
}

// essential are the fields without which a structure says nothing.
var essential = []string{"ResourceType", "Key", "DeviceName", "SnapshotId"}

// value sets v to something that fits a field of this name.
func (d *driver) value(v reflect.Value, field string, depth int) {
	if depth > 4 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(v.Elem(), field, depth)
	case reflect.Slice:
		n := 1 + d.IntN(2)
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			d.value(v.Index(i), singular(field), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(d.cloud.Now().Add(time.Duration(d.IntN(2000)-100) * time.Hour)))
			return
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && (d.Float64() < max(0.4, d.density) || slices.Contains(essential, f.Name)) {
				d.value(v.Field(i), f.Name, depth+1)
			}
		}
	case reflect.Bool:
		v.SetBool(d.IntN(2) == 0)
	case reflect.Int32, reflect.Int64:
		v.SetInt(d.number(field))
	case reflect.Float64:
		v.SetFloat(float64(d.IntN(100)))
	case reflect.String:
		v.SetString(d.text(v, field))
	}
}

func (d *driver) number(field string) int64 {
	switch {
	case field == "MinCount":
		return 1
	case field == "MaxCount":
		return int64(1 + d.IntN(2))
	case field == "MaxSize", field == "DesiredCapacity":
		return int64(d.IntN(5))
	case strings.HasPrefix(field, "Max"):
		return int64([]int{1, 2, 5, 50, 100, 120, 200}[d.IntN(7)])
	case strings.HasPrefix(field, "Min"):
		return int64(d.IntN(3))
	case strings.HasSuffix(field, "Minutes"), strings.HasSuffix(field, "Seconds"):
		return 900
	}
	return int64([]int{0, 1, 2, 3, 8, 60, 90, 100}[d.IntN(8)])
}

// text is a string for a field: of an enumeration, one that was seen under such
// a name, or a new one.
func (d *driver) text(v reflect.Value, field string) string {
	if known := d.usual(field); len(known) > 0 && d.IntN(10) > 0 {
		return known[d.IntN(len(known))]
	}
	if values := v.MethodByName("Values"); values.IsValid() {
		if all := values.Call(nil)[0]; all.Len() > 0 {
			return all.Index(d.IntN(all.Len())).String()
		}
	}
	isNew := field == "Name" && d.service != "ssm" || strings.HasPrefix(d.op, "Create") && strings.HasSuffix(field, "Name")
	if known := d.known(field); len(known) > 0 && (!isNew && d.IntN(10) > 0 || d.IntN(4) == 0) {
		return known[d.IntN(len(known))]
	}
	if d.IntN(40) == 0 {
		return []string{"", "*", "not-an-id", strings.Repeat("x", 300), "ami-0123456789abcdef0"}[d.IntN(5)]
	}
	d.made++
	if d.service == "ssm" {
		return fmt.Sprintf("/%s/%d", d.prefix, d.made%8)
	}
	return fmt.Sprintf("%s-%d", d.prefix, d.made)
}

// usual are the values of fields whose own names tell what goes in.
func (d *driver) usual(field string) []string {
	if known := d.usualOfGroups(field); known != nil {
		return known
	}
	switch field {
	case "SourceRegion", "RegionName":
		return d.regions
	case "UserId", "OwnerId", "AccountId", "Owner", "ExecutableUser", "RestorableByUserId":
		return append(slices.Clone(d.accounts), "self")
	case "Version", "SourceVersion", "DefaultVersion", "MinVersion", "MaxVersion":
		return []string{"1", "2", "3", versionLatest, versionDefault}
	case "ClientToken":
		return []string{"a", "b", "c", "d"}
	case "RoleArn":
		return []string{"arn:aws:iam::222222222222:role/deploy"}
	case "InstanceType":
		return []string{"t3.micro", "m5.large", "t4g.micro"}
	case "DeviceName":
		return []string{"/dev/xvda", "/dev/sdb", "/dev/sdf"}
	case "NoDevice":
		return []string{""}
	case "CidrBlock", "CidrIp":
		return []string{"10.0.0.0/16", "10.0.1.0/24", "172.31.200.0/24"}
	case "Resource", "ResourceId":
		return slices.Concat(d.known("ImageId"), d.known("SnapshotId"), d.known("LaunchTemplateId"), d.known("InstanceId"))
	case "ResourceType":
		for word, kind := range map[string]string{"UsageReport": "ec2:Instance", "Template": "launch-template", "Snapshot": "snapshot", "RunInstances": "instance"} {
			if strings.Contains(d.op, word) {
				return []string{kind}
			}
		}
		return []string{"image"}
	case "SnapshotId":
		return d.known("SnapshotId")
	case "Path":
		return []string{"/", "/" + d.prefix}
	case "Group", "UserGroup":
		return []string{"all"}
	case "AvailabilityZone":
		return []string{d.at.region + "a", d.at.region + "b"}
	case "Key", "TagKey":
		return []string{"team", "app", "stage"}
	case "Attribute":
		return []string{"launchPermission", "description", "createVolumePermission"}
	}
	return nil
}

// known are the values seen under a name, or under one that it ends with:
// SourceImageId is an ImageId. Mostly it was in the same account and Region.
func (d *driver) known(field string) []string {
	want := d.sighting(field)
	if d.IntN(8) == 0 || strings.HasPrefix(field, "Source") {
		want.place = place{d.accounts[d.IntN(len(d.accounts))], d.regions[d.IntN(len(d.regions))]}
	}
	if all := d.seen[want]; len(all) > 0 {
		return all
	}
	best := sighting{}
	for s := range d.seen {
		if s.place == want.place && len(s.field) > 4 && strings.HasSuffix(field, s.field) &&
			(len(s.field) > len(best.field) || len(s.field) == len(best.field) && s.field < best.field) {
			best = s
		}
	}
	return d.seen[best]
}

// asAWS says what is wrong with an error that a client returned; empty: it is
// as AWS's are.
func asAWS(err error) string {
	if err == nil {
		return ""
	}
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return "" // the SDK itself, before anything is sent
	}
	if errors.Is(err, errors.ErrUnsupported) || errors.Is(err, errConnectionReset) || errors.Is(err, errLostForGood) || errors.Is(err, errCrashed) {
		return "" // not AWS's
	}
	if strings.Contains(err.Error(), "input member") || strings.Contains(err.Error(), "failed to bind endpoint params") { // the SDK cannot write the input
		return ""
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return fmt.Sprintf("no API error: %v", err)
	}
	if api.ErrorCode() == "" || api.ErrorMessage() == "" {
		return fmt.Sprintf("no code or no message: %v", err)
	}
	answer, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok {
		return fmt.Sprintf("no response error: %v", err)
	}
	if status := answer.HTTPStatusCode(); status < 400 || status > 599 || answer.ServiceRequestID() == "" {
		return fmt.Sprintf("status %d, request id %q: %v", status, answer.ServiceRequestID(), err)
	}
	if _, ok := errors.AsType[*smithy.OperationError](err); !ok {
		return fmt.Sprintf("no operation error: %v", err)
	}
	return ""
}
