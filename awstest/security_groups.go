package awstest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

func init() {
	handle(createSecurityGroup, "GroupName", "Description", "VpcId", "TagSpecifications")
	handle(describeSecurityGroups, "GroupIds", "GroupNames", "Filters", "MaxResults", "NextToken")
	handle(deleteSecurityGroup, "GroupId", "GroupName")
	taggable("sg-", func(r *request, id string) (*tagSet, error) {
		g, err := r.findGroupByID(id)
		if err != nil {
			return nil, err
		}
		return &g.tags, nil
	})
}

func (s *store) findGroupByID(id string) (*securityGroup, error) {
	g := s.network.securityGroup(id)
	switch {
	case !wellFormed("sg-", id):
		return nil, apiError("InvalidGroupId.Malformed", "Invalid id: \"%s\" (expecting \"sg-...\")", id)
	case g == nil:
		return nil, apiError("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
	}
	return g, nil
}

// findGroupNamed finds one in the default VPC: a name means no other.
func (s *store) findGroupNamed(name string) (*securityGroup, error) {
	g := s.network.securityGroupNamed(s.network.vpcID, name)
	if g == nil {
		return nil, apiError("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC '%s'", name, s.network.vpcID)
	}
	return g, nil
}

// createSecurityGroup makes a group in the default VPC, unless another is named.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
func createSecurityGroup(r *request, in *ec2.CreateSecurityGroupInput) (*ec2.CreateSecurityGroupOutput, error) {
	v, err := r.findVPC(cmp.Or(aws.ToString(in.VpcId), r.network.vpcID))
	if err != nil {
		return nil, err
	}
	g := &securityGroup{vpcID: v.id, name: *in.GroupName, description: *in.Description}
	switch {
	case g.name == "" || len(g.name) > 255 || strings.HasPrefix(g.name, "sg-") || g.name == "default":
		return nil, apiError("InvalidParameterValue", "Invalid security group name '%s'", g.name)
	case g.description == "" || len(g.description) > 255:
		return nil, apiError("InvalidParameterValue", "Invalid security group description '%s'", g.description)
	case r.network.securityGroupNamed(g.vpcID, g.name) != nil:
		return nil, apiError("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", g.name, g.vpcID)
	}
	tags, err := tagSpecs(in.TagSpecifications, ec2types.ResourceTypeSecurityGroup)
	if err != nil {
		return nil, err
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	g.tags = tags[ec2types.ResourceTypeSecurityGroup]
	r.addSecurityGroup(g)
	return &ec2.CreateSecurityGroupOutput{GroupId: new(g.id), SecurityGroupArn: new(groupView{g, r.store}.arn()), Tags: g.tags.ec2()}, nil
}

type groupView struct {
	*securityGroup
	s *store
}

func (v groupView) arn() string { return v.s.arn("ec2", "security-group/"+v.id) }

var securityGroupFilters = filterTable[groupView]{
	values: map[string]func(groupView) []string{
		"description": one(func(v groupView) string { return v.description }),
		"group-id":    one(func(v groupView) string { return v.id }),
		"group-name":  one(func(v groupView) string { return v.name }),
		"owner-id":    one(func(v groupView) string { return v.s.account }),
		"vpc-id":      one(func(v groupView) string { return v.vpcID }),
	},
	tags:       func(v groupView) tagSet { return v.tags },
	unmodelled: "egress. ip-permission.",
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html
func describeSecurityGroups(r *request, in *ec2.DescribeSecurityGroupsInput) (*ec2.DescribeSecurityGroupsOutput, error) {
	match, err := securityGroupFilters.compile(in.Filters)
	if err != nil {
		return nil, err
	}
	named := map[*securityGroup]bool{}
	for _, id := range in.GroupIds {
		g, err := r.findGroupByID(id)
		if err != nil {
			return nil, err
		}
		named[g] = true
	}
	for _, name := range in.GroupNames {
		g, err := r.findGroupNamed(name)
		if err != nil {
			return nil, err
		}
		named[g] = true
	}
	var all []groupView
	for _, g := range r.network.groups {
		if v := (groupView{g, r.store}); (len(named) == 0 || named[g]) && match(v) {
			all = append(all, v)
		}
	}
	cut, next, err := page(r.store, all, limits{max: 1000}, in.MaxResults, in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &ec2.DescribeSecurityGroupsOutput{NextToken: next}
	for _, v := range cut {
		out.SecurityGroups = append(out.SecurityGroups, ec2types.SecurityGroup{
			Description: new(v.description), GroupId: new(v.id), GroupName: new(v.name), OwnerId: new(r.account),
			SecurityGroupArn: new(v.arn()), Tags: v.tags.ec2(), VpcId: new(v.vpcID),
		})
	}
	return out, nil
}

// deleteSecurityGroup refuses one that instances have, and the default one.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html
func deleteSecurityGroup(r *request, in *ec2.DeleteSecurityGroupInput) (*ec2.DeleteSecurityGroupOutput, error) {
	var g *securityGroup
	var err error
	switch {
	case (in.GroupId == nil) == (in.GroupName == nil):
		return nil, apiError("MissingParameter", "The request must contain either the parameter groupName or groupId")
	case in.GroupId != nil:
		g, err = r.findGroupByID(*in.GroupId)
	default:
		g, err = r.findGroupNamed(*in.GroupName)
	}
	if err != nil {
		return nil, err
	}
	if g.name == "default" {
		return nil, apiError("CannotDelete", "the specified group: \"%s\" name: \"default\" cannot be deleted by a user", g.id)
	}
	if slices.ContainsFunc(r.instances.order, func(i *instance) bool {
		return slices.Contains(i.spec.securityGroups, g.id) && i.state != ec2types.InstanceStateNameTerminated
	}) {
		return nil, apiError("DependencyViolation", "resource %s has a dependent object", g.id)
	}
	if err := r.checked(); err != nil {
		return nil, err
	}
	r.network.groups = slices.DeleteFunc(r.network.groups, func(o *securityGroup) bool { return o == g })
	return &ec2.DeleteSecurityGroupOutput{GroupId: new(g.id), Return: new(true)}, nil
}
