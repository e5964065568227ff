// Prints the Grafana dashboard that the chart ships, as JSON.
//
// It has three levels: all resources, those that are chosen by namespace and name, and their servers. Two pods of the exporter
// answer for the same server, so each value of a server is read once, whoever answered: see once.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

// Selectors of the levels. Other memcached servers have no label name.
const (
	all      = `name!=""`
	resource = `namespace=~"$namespace", name=~"$name"`
	server   = `namespace=~"$namespace", name=~"$name", pod=~"$pod"`
)

// Labels of the levels.
const (
	byNamespace = "namespace"
	byResource  = "namespace, name"
	byServer    = "namespace, name, pod"
)

const (
	namespaceLegend = "{{namespace}}"
	resourceLegend  = "{{namespace}}/{{name}}"
	serverLegend    = "{{namespace}}/{{pod}}"
	limitLegend     = " limit"
)

const (
	gets = `command="get"`
	hits = `command="get", status="hit"`
)

var datasource = common.DataSourceRef{Type: cog.ToPtr("prometheus"), Uid: cog.ToPtr("${datasource}")}

// query is one expression of a panel and the name of each of its series.
type query struct{ expr, legend string }

// once has one series for each server, and for each value of the other labels.
func once(metric, selector string, labels ...string) string {
	return fmt.Sprintf("max by (%s) (%s{%s})", strings.Join(append([]string{byServer}, labels...), ", "), metric, selector)
}

// rate is the same of a counter, per second.
func rate(metric, selector string, labels ...string) string {
	return fmt.Sprintf("max by (%s) (rate(%s{%s}[$__rate_interval]))", strings.Join(append([]string{byServer}, labels...), ", "), metric, selector)
}

func sum(labels, expr string) string {
	return fmt.Sprintf("sum by (%s) (%s)", labels, expr)
}

// commands is the rate of commands that matchers select.
func commands(labels, selector, matchers string) string {
	return sum(labels, rate("memcached_commands_total", selector+", "+matchers, "command", "status"))
}

// usedCommands is the same without those that no client has sent since the servers started. Most clients send few of the two dozen.
func usedCommands(labels, selector string) string {
	const any = `command!=""`
	return fmt.Sprintf("%s and (%s > 0)", commands(labels, selector, any),
		sum(labels, once("memcached_commands_total", selector+", "+any, "command", "status")))
}

// hitRatio is 0 to 1, and nothing without gets.
func hitRatio(labels, selector string) string {
	return fmt.Sprintf("%s / (%s > 0)", commands(labels, selector, hits), commands(labels, selector, gets))
}

// share is the part of a limit that is used, 0 to 1.
func share(labels, selector, used, limit string) string {
	return fmt.Sprintf("%s / %s", sum(labels, once(used, selector)), sum(labels, once(limit, selector)))
}

// orZero shows 0 where there is no series.
func orZero(expr string) string {
	return expr + " or vector(0)"
}

// builder collects the panels in their order.
type builder struct {
	dashboard *dashboard.DashboardBuilder
	id        uint32
}

func (b *builder) next() uint32 {
	b.id++
	return b.id
}

func (b *builder) row(title string) {
	b.dashboard.WithRow(dashboard.NewRowBuilder(title).Id(b.next()))
}

func targets(queries []query) []cog.Builder[variants.Dataquery] {
	var built []cog.Builder[variants.Dataquery]
	for i, of := range queries {
		built = append(built, prometheus.NewDataqueryBuilder().
			Datasource(datasource).Expr(of.expr).LegendFormat(of.legend).RefId(string(rune('A'+i))).Range())
	}
	return built
}

// number shows one value now; it turns red from 1 on if that is bad.
func (b *builder) number(title, description string, bad bool, expr string) {
	steps := []dashboard.Threshold{{Color: "green"}}
	if bad {
		steps = append(steps, dashboard.Threshold{Color: "red", Value: cog.ToPtr(1.0)})
	}
	b.dashboard.WithPanel(stat.NewPanelBuilder().
		Id(b.next()).Title(title).Description(description).Unit(units.Short).
		Datasource(datasource).Targets(targets([]query{{expr, ""}})).
		Thresholds(dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"})).
		Span(4).Height(4))
}

// graph shows series over time.
func (b *builder) graph(title, description, unit string, queries ...query) {
	b.dashboard.WithPanel(b.series(title, description, unit, queries))
}

// dots shows values that exist now and then, which a line does not connect.
func (b *builder) dots(title, description, unit string, queries ...query) {
	b.dashboard.WithPanel(b.series(title, description, unit, queries).DrawStyle(common.GraphDrawStylePoints))
}

func (b *builder) series(title, description, unit string, queries []query) *timeseries.PanelBuilder {
	panel := timeseries.NewPanelBuilder().
		Id(b.next()).Title(title).Description(description).Unit(unit).Min(0).
		Datasource(datasource).Targets(targets(queries)).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)).
		Span(8).Height(8)
	switch unit {
	case units.PercentUnit:
		panel.Max(1)
	case units.OpsPerSecond:
		// Of nothing but zeros the axis would go up to 100.
		panel.AxisSoftMax(0.1)
	}
	for _, of := range queries {
		if strings.HasSuffix(of.legend, limitLegend) {
			panel.OverrideByRegexp("/"+limitLegend+"$/", []dashboard.DynamicConfigValue{
				{Id: "color", Value: map[string]any{"mode": "fixed", "fixedColor": "red"}},
				{Id: "custom.lineStyle", Value: map[string]any{"fill": "dash", "dash": []int{10, 10}}},
			})
		}
	}
	return panel
}

// list shows the labels of series that exist now, sorted by one of them; what their value is does not matter.
func (b *builder) list(title, description string, span uint32, labels, sorted, expr string) {
	hidden := map[string]any{"Time": true, "Value": true}
	order := map[string]any{}
	headings := map[string]any{}
	for i, label := range strings.Split(labels, ", ") {
		order[label] = i
		headings[label] = heading(label)
	}
	b.dashboard.WithPanel(table.NewPanelBuilder().
		Id(b.next()).Title(title).Description(description).Unit(units.NoUnit).
		Datasource(datasource).
		Targets([]cog.Builder[variants.Dataquery]{prometheus.NewDataqueryBuilder().
			Datasource(datasource).Expr(fmt.Sprintf("max by (%s) (%s)", labels, expr)).
			RefId("A").Instant().Format(prometheus.PromQueryFormatTable)}).
		WithTransformation(dashboard.DataTransformerConfig{
			Id:      "organize",
			Options: map[string]any{"excludeByName": hidden, "indexByName": order, "renameByName": headings},
		}).
		SortBy([]cog.Builder[common.TableSortByFieldState]{common.NewTableSortByFieldStateBuilder().DisplayName(heading(sorted))}).
		Span(span).Height(8))
}

func heading(label string) string {
	return strings.ToUpper(label[:1]) + label[1:]
}

func variable(name, label, metric, of string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).
		Label(label).
		Datasource(datasource).
		Query(dashboard.StringOrMap{String: cog.ToPtr(fmt.Sprintf("label_values(%s, %s)", metric, of))}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).
		Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).
		IncludeAll(true).
		// Not every value in turn: a URL with 1,000 names is too long. Nothing is no name.
		AllValue(".+")
}

func main() {
	b := &builder{dashboard: dashboard.NewDashboardBuilder("SecureMemcached").
		Uid("securememcached").
		Description("Caches of the SecureMemcached operator: all of them, those that are chosen above, and their servers.").
		Tags([]string{"securememcached", "memcached"}).
		Timezone(common.TimeZoneBrowser).
		Time("now-6h", "now").
		Refresh("1m").
		Tooltip(dashboard.DashboardCursorSyncCrosshair).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")).
		WithVariable(variable("namespace", "Namespace", "securememcached_condition", "namespace")).
		WithVariable(variable("name", "Name", `securememcached_condition{namespace=~"$namespace"}`, "name")).
		WithVariable(variable("pod", "Server", "memcached_up{"+resource+"}", "pod"))}

	b.row("Fleet")
	b.fleet()
	b.row("Resource: $namespace/$name")
	b.resource()
	b.row("Server: $pod")
	b.server()

	built, err := b.dashboard.Build()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(built); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
