package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/units"
)

const reconciliations = "sum(rate(operator_sdk_controllers_execution_reconcile_seconds_count[$__rate_interval]))"

// Each item is in a page of its slab class.
const memory = "Part of spec.cacheSize that items use, and part that their pages take. A server evicts once its pages take all, even where items fill them half."

func (b *builder) fleet() {
	b.number("Ready", "Resources whose condition Ready is True.", false,
		orZero(`count(max by (namespace, name) (securememcached_condition{type="Ready", status="True"}))`))
	b.number("Not ready", "Resources whose condition Ready is False or Unknown.", true,
		orZero(`count(max by (namespace, name) (securememcached_condition{type="Ready", status!="True"}))`))
	b.number("Servers down", "Servers that do not respond to the exporter.", true,
		orZero("count("+once("memcached_up", all)+" == 0)"))
	b.number("Exposed", "Resources that a foreign object exposes.", true,
		orZero(`count(max by (namespace, name) (securememcached_condition{type="NotExposed", status="False"}))`))
	b.number("Failed checks", "Checks of servers that failed, such as one that answers without a login.", true,
		orZero("count(min by (namespace, name, server, check) (securememcached_check) == 0)"))
	b.number("Security updates", "Servers whose pending update closes a known vulnerability.", true,
		orZero("sum(max by (namespace, name) (securememcached_pending_security_updates))"))
	b.list("Conditions that are not True", "What needs attention; docs/conditions.md has a section for each reason.", 16,
		"namespace, name, type, status, reason", "namespace", `securememcached_condition{status!="True"}`)
	b.graph("Hit ratio", "Part of the gets that found their key, by namespace.", units.PercentUnit,
		query{hitRatio(byNamespace, all), namespaceLegend})
	b.graph("Gets", "Gets by namespace.", units.OpsPerSecond,
		query{commands(byNamespace, all, gets), namespaceLegend})
	b.graph("Memory", "Memory that items use, by namespace.", units.BytesIEC,
		query{sum(byNamespace, once("memcached_current_bytes", all)), namespaceLegend})
	b.graph("Refused logins", "Logins that servers refused, by namespace. The operator's own checks cause three for each run.", units.OpsPerSecond,
		query{sum(byNamespace, rate("memcached_auth_errors_total", all)), namespaceLegend})
	b.graph("Leader", "1 for the pod of the operator that is the leader.", units.Short,
		query{"max by (namespace, pod) (securememcached_leader)", "{{pod}}"})
	b.graph("Reconciliations", "Reconciliations of the operator, and those that failed and are repeated.", units.OpsPerSecond,
		query{reconciliations, "all"},
		// There is no series before the first failure.
		query{"sum(rate(operator_sdk_reconciliations_failed_total[$__rate_interval])) or 0 * " + reconciliations, "failed"})
	b.dots("Reconciliation time", "Mean time that a reconciliation takes, where there were any.", units.Seconds,
		query{"sum(rate(operator_sdk_controllers_execution_reconcile_seconds_sum[$__rate_interval])) / (" + reconciliations + " > 0)", "mean"})
}

func (b *builder) resource() {
	b.list("Conditions", "The conditions of the chosen resources, those that are not True first.", 24,
		"namespace, name, type, status, reason", "status", "securememcached_condition{"+resource+"}")
	b.graph("Hit ratio", "Part of the gets that found their key.", units.PercentUnit,
		query{hitRatio(byResource, resource), resourceLegend})
	b.graph("Commands", "Commands of clients, by command. Those that nobody has sent are left out.", units.OpsPerSecond,
		query{usedCommands(byResource+", command", resource), resourceLegend + " {{command}}"})
	b.graph("Items", "Items in the caches.", units.Short,
		query{sum(byResource, once("memcached_current_items", resource)), resourceLegend})
	b.graph("Memory", memory, units.PercentUnit,
		query{share(byResource, resource, "memcached_current_bytes", "memcached_limit_bytes"), resourceLegend + " items"},
		query{share(byResource, resource, "memcached_malloced_bytes", "memcached_limit_bytes"), resourceLegend + " pages"})
	b.graph("Evictions", "Items that were removed before they expired, to make room.", units.OpsPerSecond,
		query{sum(byResource, rate("memcached_items_evicted_total", resource)), resourceLegend})
	b.graph("Connections", "Part of spec.maxConnections that is in use.", units.PercentUnit,
		query{share(byResource, resource, "memcached_current_connections", "memcached_max_connections"), resourceLegend})
	b.graph("Logins", "Logins that servers accepted or refused. The operator's own checks are among both.", units.OpsPerSecond,
		query{sum(byResource, rate("memcached_auth_commands_total", resource)), resourceLegend + " all"},
		query{sum(byResource, rate("memcached_auth_errors_total", resource)), resourceLegend + " refused"})
	b.graph("Age of the proof", "Time since a server was checked, the oldest of each resource.", units.Seconds,
		query{"max by (namespace, name) (securememcached_proof_age_seconds{" + resource + "})", resourceLegend})
	b.graph("Pending updates", "Servers that wait for an update, by origin.", units.Short,
		query{"max by (namespace, name, origin) (securememcached_pending_updates{" + resource + "})", resourceLegend + " {{origin}}"})
	b.graph("Users by phase of their login", "Delivering takes seconds; Overlapping takes as long as spec.rotation.overlap.", units.Short,
		query{"max by (namespace, name, phase) (securememcached_logins{" + resource + "})", resourceLegend + " {{phase}}"})
}

func (b *builder) server() {
	b.graph("Up", "1 for a server that responds to the exporter, 0 for one that does not.", units.Short,
		query{once("memcached_up", server), serverLegend})
	b.graph("Uptime", "Time since the server started, with an empty cache.", units.Seconds,
		query{once("memcached_uptime_seconds", server), serverLegend})
	b.list("Versions", "Version of memcached on each server.", 8, "namespace, pod, version", "pod", "memcached_version{"+server+"}")
	b.graph("Hit ratio", "Part of the gets that found their key.", units.PercentUnit,
		query{hitRatio(byServer, server), serverLegend})
	b.graph("Commands", "Commands of clients, by command and status. Those that nobody has sent are left out.", units.OpsPerSecond,
		query{usedCommands(byServer+", command, status", server), serverLegend + " {{command}} {{status}}"})
	b.graph("Network", "Bytes that the server read from clients and wrote to them.", units.BytesPerSecondSI,
		query{rate("memcached_read_bytes_total", server), serverLegend + " read"},
		query{rate("memcached_written_bytes_total", server), serverLegend + " written"})
	b.graph("Memory", memory, units.PercentUnit,
		query{share(byServer, server, "memcached_current_bytes", "memcached_limit_bytes"), serverLegend + " items"},
		query{share(byServer, server, "memcached_malloced_bytes", "memcached_limit_bytes"), serverLegend + " pages"})
	b.graph("Evictions and reclaimed items", "Items that were removed before they expired, and expired items whose memory was used again.", units.OpsPerSecond,
		query{rate("memcached_items_evicted_total", server), serverLegend + " evicted"},
		query{rate("memcached_items_reclaimed_total", server), serverLegend + " reclaimed"})
	b.graph("Age of evicted items", "Time since the last use of the item that was evicted last, in the five slab classes where it is shortest. A short one means that the cache is too small.", units.Seconds,
		query{"bottomk(5, " + once("memcached_slab_items_evicted_time_seconds", server, "slab") + " and (" + once("memcached_slab_items_evicted_total", server, "slab") + " > 0))", serverLegend + " class {{slab}}"})
	b.graph("Pages by slab class", "Pages of memory that items of a size have got, in the five slab classes with most.", units.Short,
		query{"topk(5, " + once("memcached_slab_current_pages", server, "slab") + ")", serverLegend + " class {{slab}}"})
	b.graph("Connections", "Open connections, and their limit.", units.Short,
		query{once("memcached_current_connections", server), serverLegend},
		query{once("memcached_max_connections", server), serverLegend + limitLegend})
	b.graph("Refused connections", "How often the server reached its connection limit.", units.OpsPerSecond,
		query{rate("memcached_connections_listener_disabled_total", server), serverLegend + " listener disabled"},
		query{rate("memcached_connections_rejected_total", server), serverLegend + " rejected"})
	b.graph("Processor", "Cores that the server uses.", units.Short,
		query{rate("memcached_process_user_cpu_seconds_total", server) + " + " + rate("memcached_process_system_cpu_seconds_total", server), serverLegend})
	b.graph("Refused logins", "Logins that the server refused.", units.OpsPerSecond,
		query{rate("memcached_auth_errors_total", server), serverLegend})
	b.graph("Out of memory", "Items that the server had no memory for.", units.OpsPerSecond,
		query{sum(byServer, rate("memcached_slab_items_outofmemory_total", server, "slab")), serverLegend})
}
