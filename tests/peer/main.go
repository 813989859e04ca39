// A peer to measure against: what a provider in Go costs that does for ECS Express services what its users would pick
// instead. Same schema as aws_ecs_express_gateway_service (hashicorp/aws), on HashiCorp's plugin framework and AWS's
// SDK for Go: create (waits for ACTIVE), read, update, delete, import by ARN. No preflight, no diagnosis, one engine.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	pschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	pm "github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	spm "github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	tft "github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

func main() {
	new := func() provider.Provider { return &peer{} }
	if err := providerserver.Serve(context.Background(), new, providerserver.ServeOpts{Address: "registry.terraform.io/example/peer"}); err != nil {
		log.Fatal(err)
	}
}

type peer struct{}

func (*peer) Metadata(_ context.Context, _ provider.MetadataRequest, r *provider.MetadataResponse) {
	r.TypeName = "peer"
}
func (*peer) Schema(_ context.Context, _ provider.SchemaRequest, r *provider.SchemaResponse) {
	r.Schema = pschema.Schema{}
}
func (*peer) Configure(ctx context.Context, _ provider.ConfigureRequest, r *provider.ConfigureResponse) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		r.Diagnostics.AddError("No AWS configuration", err.Error())
		return
	}
	r.ResourceData = ecs.NewFromConfig(c)
}
func (*peer) DataSources(context.Context) []func() datasource.DataSource { return nil }
func (*peer) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return &service{} }}
}

type service struct{ client *ecs.Client }

type pair struct {
	Name  tft.String `tfsdk:"name"`
	Value tft.String `tfsdk:"value"`
}
type secret struct {
	Name      tft.String `tfsdk:"name"`
	ValueFrom tft.String `tfsdk:"value_from"`
}
type container struct {
	Image         tft.String `tfsdk:"image"`
	ContainerPort tft.Int64  `tfsdk:"container_port"`
	Command       tft.List   `tfsdk:"command"`
	Logs          tft.List   `tfsdk:"aws_logs_configuration"`
	Environment   []pair     `tfsdk:"environment"`
	Secret        []secret   `tfsdk:"secret"`
}
type model struct {
	Cluster               tft.String  `tfsdk:"cluster"`
	ServiceName           tft.String  `tfsdk:"service_name"`
	InfrastructureRoleArn tft.String  `tfsdk:"infrastructure_role_arn"`
	ExecutionRoleArn      tft.String  `tfsdk:"execution_role_arn"`
	TaskRoleArn           tft.String  `tfsdk:"task_role_arn"`
	Cpu                   tft.String  `tfsdk:"cpu"`
	Memory                tft.String  `tfsdk:"memory"`
	HealthCheckPath       tft.String  `tfsdk:"health_check_path"`
	Network               tft.List    `tfsdk:"network_configuration"`
	Scaling               tft.List    `tfsdk:"scaling_target"`
	Container             []container `tfsdk:"primary_container"`
	Tags                  tft.Map     `tfsdk:"tags"`
	TagsAll               tft.Map     `tfsdk:"tags_all"`
	IngressPaths          tft.List    `tfsdk:"ingress_paths"`
	ServiceArn            tft.String  `tfsdk:"service_arn"`
	ServiceRevisionArn    tft.String  `tfsdk:"service_revision_arn"`
}

var (
	networkType = tft.ObjectType{AttrTypes: map[string]attr.Type{"security_groups": tft.SetType{ElemType: tft.StringType}, "subnets": tft.SetType{ElemType: tft.StringType}}}
	scalingType = tft.ObjectType{AttrTypes: map[string]attr.Type{"auto_scaling_metric": tft.StringType, "auto_scaling_target_value": tft.Int64Type, "max_task_count": tft.Int64Type, "min_task_count": tft.Int64Type}}
	logsType    = tft.ObjectType{AttrTypes: map[string]attr.Type{"log_group": tft.StringType, "log_stream_prefix": tft.StringType}}
	ingressType = tft.ObjectType{AttrTypes: map[string]attr.Type{"access_type": tft.StringType, "endpoint": tft.StringType}}
)

func (*service) Metadata(_ context.Context, _ resource.MetadataRequest, r *resource.MetadataResponse) {
	r.TypeName = "peer_ecs_express_gateway_service"
}

func (*service) Schema(_ context.Context, _ resource.SchemaRequest, r *resource.SchemaResponse) {
	keep := []pm.String{spm.UseStateForUnknown()}
	replace := []pm.String{spm.RequiresReplace()}
	r.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			"cluster":                 schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keep},
			"service_name":            schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: []pm.String{spm.UseStateForUnknown(), spm.RequiresReplaceIfConfigured()}},
			"infrastructure_role_arn": schema.StringAttribute{Required: true, PlanModifiers: replace},
			"execution_role_arn":      schema.StringAttribute{Required: true},
			"task_role_arn":           schema.StringAttribute{Optional: true},
			"cpu":                     schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keep},
			"memory":                  schema.StringAttribute{Optional: true, Computed: true, PlanModifiers: keep},
			"health_check_path":       schema.StringAttribute{Optional: true, Computed: true},
			"network_configuration":   schema.ListAttribute{ElementType: networkType, Optional: true, Computed: true},
			"scaling_target":          schema.ListAttribute{ElementType: scalingType, Optional: true, Computed: true},
			"tags":                    schema.MapAttribute{ElementType: tft.StringType, Optional: true},
			"tags_all":                schema.MapAttribute{ElementType: tft.StringType, Computed: true},
			"ingress_paths":           schema.ListAttribute{ElementType: ingressType, Computed: true},
			"service_arn":             schema.StringAttribute{Computed: true, PlanModifiers: keep},
			"service_revision_arn":    schema.StringAttribute{Computed: true},
		},
		Blocks: map[string]schema.Block{
			"primary_container": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{
				Attributes: map[string]schema.Attribute{
					"image":                  schema.StringAttribute{Required: true},
					"container_port":         schema.Int64Attribute{Optional: true, Computed: true},
					"command":                schema.ListAttribute{ElementType: tft.StringType, Optional: true},
					"aws_logs_configuration": schema.ListAttribute{ElementType: logsType, Optional: true, Computed: true},
				},
				Blocks: map[string]schema.Block{
					"environment": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{Required: true}, "value": schema.StringAttribute{Required: true}}}},
					"secret": schema.ListNestedBlock{NestedObject: schema.NestedBlockObject{Attributes: map[string]schema.Attribute{
						"name": schema.StringAttribute{Required: true}, "value_from": schema.StringAttribute{Required: true}}}},
				},
			}},
		},
	}
}

func (s *service) Configure(_ context.Context, q resource.ConfigureRequest, _ *resource.ConfigureResponse) {
	if q.ProviderData != nil {
		s.client = q.ProviderData.(*ecs.Client)
	}
}

func text(v tft.String) *string {
	if v.IsNull() || v.IsUnknown() {
		return nil
	}
	return v.ValueStringPointer()
}

func (m *model) expand() *types.ExpressGatewayContainer {
	c := m.Container[0]
	out := &types.ExpressGatewayContainer{Image: text(c.Image)}
	if !c.ContainerPort.IsUnknown() && !c.ContainerPort.IsNull() {
		out.ContainerPort = aws.Int32(int32(c.ContainerPort.ValueInt64()))
	}
	for _, e := range c.Environment {
		out.Environment = append(out.Environment, types.KeyValuePair{Name: text(e.Name), Value: text(e.Value)})
	}
	for _, e := range c.Secret {
		out.Secrets = append(out.Secrets, types.Secret{Name: text(e.Name), ValueFrom: text(e.ValueFrom)})
	}
	return out
}

// flatten fills the model from what AWS describes; false if the service is gone.
func (s *service) flatten(ctx context.Context, m *model) (bool, error) {
	out, err := s.client.DescribeExpressGatewayService(ctx, &ecs.DescribeExpressGatewayServiceInput{
		ServiceArn: m.ServiceArn.ValueStringPointer(), Include: []types.ExpressGatewayServiceInclude{types.ExpressGatewayServiceIncludeTags}})
	var gone *types.ResourceNotFoundException
	if errors.As(err, &gone) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	v := out.Service
	if v.Status.StatusCode != types.ExpressGatewayServiceStatusCodeActive {
		return false, nil
	}
	m.Cluster, m.ServiceName, m.InfrastructureRoleArn = tft.StringPointerValue(v.Cluster), tft.StringPointerValue(v.ServiceName), tft.StringPointerValue(v.InfrastructureRoleArn)
	tags := map[string]attr.Value{}
	for _, t := range v.Tags {
		tags[*t.Key] = tft.StringPointerValue(t.Value)
	}
	m.TagsAll = tft.MapValueMust(tft.StringType, tags)
	if len(v.ActiveConfigurations) == 0 {
		return true, nil
	}
	a := v.ActiveConfigurations[0]
	m.Cpu, m.Memory, m.HealthCheckPath = tft.StringPointerValue(a.Cpu), tft.StringPointerValue(a.Memory), tft.StringPointerValue(a.HealthCheckPath)
	m.ExecutionRoleArn, m.TaskRoleArn, m.ServiceRevisionArn = tft.StringPointerValue(a.ExecutionRoleArn), tft.StringPointerValue(a.TaskRoleArn), tft.StringPointerValue(a.ServiceRevisionArn)
	set := func(values []string) attr.Value {
		var out []attr.Value
		for _, it := range values {
			out = append(out, tft.StringValue(it))
		}
		return tft.SetValueMust(tft.StringType, out)
	}
	m.Network = tft.ListNull(networkType)
	if n := a.NetworkConfiguration; n != nil {
		m.Network = tft.ListValueMust(networkType, []attr.Value{tft.ObjectValueMust(networkType.AttrTypes, map[string]attr.Value{"security_groups": set(n.SecurityGroups), "subnets": set(n.Subnets)})})
	}
	m.Scaling = tft.ListNull(scalingType)
	if t := a.ScalingTarget; t != nil {
		number := func(it *int32) attr.Value { return tft.Int64Value(int64(aws.ToInt32(it))) }
		m.Scaling = tft.ListValueMust(scalingType, []attr.Value{tft.ObjectValueMust(scalingType.AttrTypes, map[string]attr.Value{
			"auto_scaling_metric": tft.StringValue(string(t.AutoScalingMetric)), "auto_scaling_target_value": number(t.AutoScalingTargetValue), "max_task_count": number(t.MaxTaskCount), "min_task_count": number(t.MinTaskCount)})})
	}
	var paths []attr.Value
	for _, p := range a.IngressPaths {
		paths = append(paths, tft.ObjectValueMust(ingressType.AttrTypes, map[string]attr.Value{"access_type": tft.StringValue(string(p.AccessType)), "endpoint": tft.StringPointerValue(p.Endpoint)}))
	}
	m.IngressPaths = tft.ListValueMust(ingressType, paths)
	c := container{Command: tft.ListNull(tft.StringType), Logs: tft.ListNull(logsType)}
	if p := a.PrimaryContainer; p != nil {
		c.Image, c.ContainerPort = tft.StringPointerValue(p.Image), tft.Int64Value(int64(aws.ToInt32(p.ContainerPort)))
		if l := p.AwsLogsConfiguration; l != nil {
			c.Logs = tft.ListValueMust(logsType, []attr.Value{tft.ObjectValueMust(logsType.AttrTypes, map[string]attr.Value{"log_group": tft.StringPointerValue(l.LogGroup), "log_stream_prefix": tft.StringPointerValue(l.LogStreamPrefix)})})
		}
		for _, e := range p.Environment {
			c.Environment = append(c.Environment, pair{tft.StringPointerValue(e.Name), tft.StringPointerValue(e.Value)})
		}
		for _, e := range p.Secrets {
			c.Secret = append(c.Secret, secret{tft.StringPointerValue(e.Name), tft.StringPointerValue(e.ValueFrom)})
		}
	}
	m.Container = []container{c}
	return true, nil
}

func (s *service) wait(ctx context.Context, m *model) error {
	for i := 0; i < 600; i++ {
		out, err := s.client.DescribeExpressGatewayService(ctx, &ecs.DescribeExpressGatewayServiceInput{ServiceArn: m.ServiceArn.ValueStringPointer()})
		if err != nil {
			return err
		}
		if out.Service.Status.StatusCode == types.ExpressGatewayServiceStatusCodeActive && len(out.Service.ActiveConfigurations) > 0 {
			_, err = s.flatten(ctx, m)
			return err
		}
		time.Sleep(500 * time.Millisecond)
	}
	return fmt.Errorf("not active in time")
}

func (s *service) Create(ctx context.Context, q resource.CreateRequest, r *resource.CreateResponse) {
	var m model
	r.Diagnostics.Append(q.Plan.Get(ctx, &m)...)
	if r.Diagnostics.HasError() {
		return
	}
	in := &ecs.CreateExpressGatewayServiceInput{ServiceName: text(m.ServiceName), Cluster: text(m.Cluster), InfrastructureRoleArn: text(m.InfrastructureRoleArn), ExecutionRoleArn: text(m.ExecutionRoleArn),
		TaskRoleArn: text(m.TaskRoleArn), Cpu: text(m.Cpu), Memory: text(m.Memory), HealthCheckPath: text(m.HealthCheckPath), PrimaryContainer: m.expand()}
	for k, v := range m.Tags.Elements() {
		in.Tags = append(in.Tags, types.Tag{Key: aws.String(k), Value: v.(basetypes.StringValue).ValueStringPointer()})
	}
	out, err := s.client.CreateExpressGatewayService(ctx, in)
	if err != nil {
		r.Diagnostics.AddError("Create failed", err.Error())
		return
	}
	planned := m
	m.ServiceArn = tft.StringPointerValue(out.Service.ServiceArn)
	if err := s.wait(ctx, &m); err != nil {
		r.Diagnostics.AddError("Waiting failed", err.Error())
		return
	}
	m.Tags = planned.Tags
	r.Diagnostics.Append(r.State.Set(ctx, &m)...)
}

func (s *service) Read(ctx context.Context, q resource.ReadRequest, r *resource.ReadResponse) {
	var m model
	r.Diagnostics.Append(q.State.Get(ctx, &m)...)
	found, err := s.flatten(ctx, &m)
	if err != nil {
		r.Diagnostics.AddError("Read failed", err.Error())
		return
	}
	if !found {
		r.State.RemoveResource(ctx)
		return
	}
	r.Diagnostics.Append(r.State.Set(ctx, &m)...)
}

func (s *service) Update(ctx context.Context, q resource.UpdateRequest, r *resource.UpdateResponse) {
	var m model
	r.Diagnostics.Append(q.Plan.Get(ctx, &m)...)
	in := &ecs.UpdateExpressGatewayServiceInput{ServiceArn: text(m.ServiceArn), ExecutionRoleArn: text(m.ExecutionRoleArn), TaskRoleArn: text(m.TaskRoleArn), Cpu: text(m.Cpu), Memory: text(m.Memory),
		HealthCheckPath: text(m.HealthCheckPath), PrimaryContainer: m.expand()}
	if _, err := s.client.UpdateExpressGatewayService(ctx, in); err != nil {
		r.Diagnostics.AddError("Update failed", err.Error())
		return
	}
	planned := m
	if err := s.wait(ctx, &m); err != nil {
		r.Diagnostics.AddError("Waiting failed", err.Error())
		return
	}
	m.Tags, m.Container[0].Image = planned.Tags, planned.Container[0].Image
	r.Diagnostics.Append(r.State.Set(ctx, &m)...)
}

func (s *service) Delete(ctx context.Context, q resource.DeleteRequest, r *resource.DeleteResponse) {
	var m model
	r.Diagnostics.Append(q.State.Get(ctx, &m)...)
	if _, err := s.client.DeleteExpressGatewayService(ctx, &ecs.DeleteExpressGatewayServiceInput{ServiceArn: m.ServiceArn.ValueStringPointer()}); err != nil {
		r.Diagnostics.AddError("Delete failed", err.Error())
		return
	}
	for i := 0; i < 600; i++ {
		found, err := s.flatten(ctx, &m)
		if err == nil && !found {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	r.Diagnostics.AddError("Delete did not end", "")
}

func (s *service) ImportState(ctx context.Context, q resource.ImportStateRequest, r *resource.ImportStateResponse) {
	resource.ImportStatePassthroughID(ctx, path.Root("service_arn"), q, r)
}
