#!/usr/bin/env python3
"""Makes the Grafana dashboards and the PrometheusRule from this file and rules/; `make dashboards` calls it.

    dashboards/generate.py           # write dashboards/*.json and deploy/kubernetes/prometheusrule.yaml
    dashboards/generate.py --check   # say what is not as it would be written, and exit with 1

A threshold is the number that the alert of its name compares with, so the two cannot differ. The number of a panel is
part of links in alerts (annotation `dashboard`): a new panel gets a new one, whatever its place.
"""
import json
import pathlib
import re
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
# Nodes that the variables choose; one that never said what it is belongs to every choice.
INSTANCES = (
    'query_result(redis_up{env=~"$env"} unless on (job, instance) (redstart_node_info unless '
    'redstart_node_info{deployment=~"$deployment", role=~"$role", shard=~"$shard"}))'
)
I = 'instance=~"$instance"'
D = 'deployment=~"$deployment"'
COLORS = {"info": "blue", "warning": "orange", "critical": "red"}


def load_rules():
    alerts, groups = {}, []
    for path in sorted((ROOT / "rules").glob("*.rules.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            groups.append(group)
            alerts.update({rule["alert"]: rule for rule in group["rules"] if "alert" in rule})
    return alerts, groups


ALERTS, GROUPS = load_rules()


def threshold(alert):
    """What the alert compares with first, filters in brackets apart: (number, whether it fires above it)."""
    comparisons = re.findall(r"([<>])=?\s*(\d[\d.e]*(?:\s*\*\s*\d[\d.e]*)*)(?![\d.e]|\s*[*)])", ALERTS[alert]["expr"])
    if not comparisons:
        sys.exit(f"dashboards/generate.py: {alert} compares with no number")
    operator, product = comparisons[0]
    value = 1.0
    for factor in product.split("*"):
        value *= float(factor)
    value = round(value, 9)
    return (int(value) if value == int(value) else value), operator == ">"


class Panel:
    def __init__(self, number, title, unit, description, *queries, kind="timeseries", width=8, height=8, alerts=(),
                 limits=(), **options):
        self.number, self.title, self.unit, self.description = number, title, unit, description
        self.queries, self.kind, self.width, self.height = queries, kind, width, height
        self.alerts, self.limits, self.options = alerts, limits, options

    def thresholds(self):
        steps = [{"color": "green", "value": None}]
        for alert in self.limits:
            value, fires_above = threshold(alert)
            color = COLORS[ALERTS[alert]["labels"]["severity"]]
            if fires_above:
                steps.append({"color": color, "value": value})
            else:
                steps[0]["color"] = color
                steps.append({"color": "green", "value": value})
        return {"mode": "absolute", "steps": steps}

    def json(self, place):
        defaults = {"unit": self.unit, "thresholds": self.thresholds(), "mappings": self.options.get("mappings", [])}
        if self.kind == "timeseries":
            stacked = self.options.get("stack", False)
            defaults["custom"] = {
                "drawStyle": "line", "lineWidth": 1, "fillOpacity": 20 if stacked else 5, "showPoints": "never",
                "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
                "thresholdsStyle": {"mode": "line+area" if self.limits else "off"},
            }
            defaults["color"] = {"mode": "palette-classic"}
        else:
            defaults["color"] = {"mode": "thresholds"}
        for key in ("min", "max", "noValue"):
            if key in self.options:
                defaults[key] = self.options[key]
        return {
            "id": self.number, "type": self.kind, "title": self.title, "description": self.description,
            "datasource": DATASOURCE, "gridPos": place,
            "fieldConfig": {"defaults": defaults, "overrides": self.options.get("overrides", [])},
            "options": self.view(), "transformations": self.options.get("transformations", []),
            "links": [
                {"title": f"{alert}: runbook", "url": f"${{redstart}}/runbooks/{alert}", "targetBlank": True}
                for alert in self.alerts
            ],
            "targets": [self.target(index, *query) for index, query in enumerate(self.queries)],
        }

    def target(self, index, expression, legend="{{instance}}"):
        is_table = self.kind in ("table", "stat", "bargauge", "barchart")
        return {
            "refId": chr(ord("A") + index), "datasource": DATASOURCE, "expr": expression, "legendFormat": legend,
            "instant": is_table, "range": not is_table, "editorMode": "code",
            "format": "table" if self.kind in ("table", "barchart") else
                      "heatmap" if self.kind == "heatmap" else "time_series",
        }

    def view(self):
        if self.kind == "timeseries":
            return {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True},
                    "tooltip": {"mode": "multi", "sort": "desc"}}
        if self.kind in ("stat", "bargauge"):
            view = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "orientation": "auto"}
            if self.kind == "stat":
                view |= {"colorMode": "background", "graphMode": "none", "textMode": "auto"}
            return view
        if self.kind == "heatmap":
            return {"calculate": False, "color": {"mode": "scheme", "scheme": "Oranges", "steps": 64},
                    "yAxis": {"unit": self.unit}, "cellGap": 1, "tooltip": {"mode": "single"}}
        if self.kind == "barchart":
            return {"stacking": "normal", "orientation": "vertical", "xField": "slots", "showValue": "never",
                    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}}
        if self.kind == "state-timeline":
            return {"mergeValues": True, "showValue": "never", "rowHeight": 0.8,
                    "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}}
        return {"showHeader": True, "cellHeight": "sm"}


UP = [{"type": "value", "options": {"0": {"text": "down", "color": "red"}, "1": {"text": "up", "color": "green"}}}]
HIDE_TIME = [{"id": "organize", "options": {"excludeByName": {"Time": True, "Value": True, "__name__": True}}}]

DASHBOARDS = {
    "fleet": ("Redis: fleet overview", [
        Panel(1, "Nodes up", "short", "Nodes that answered the last poll.",
              (f"sum(redis_up{{{I}}})", "up"), kind="stat", width=4, height=4),
        Panel(2, "Nodes down", "short", "Nodes that did not answer the last poll.",
              (f"count(redis_up{{{I}}} == 0) or vector(0)", "down"), kind="stat", width=4, height=4,
              alerts=["RedisDown"]),
        Panel(3, "Alerts firing", "short", "Alerts that fire now, without the Watchdog, which always does.",
              ('count(ALERTS{alertstate="firing", severity!="none"}) or vector(0)', "alerts"),
              kind="stat", width=4, height=4),
        Panel(4, "Commands", "ops", "Commands that all chosen nodes run in a second.",
              (f"sum(rate(redis_commands_processed_total{{{I}}}[$__rate_interval]))", "commands"),
              kind="stat", width=4, height=4),
        Panel(5, "Memory", "bytes", "Memory that all chosen nodes use for data and overhead.",
              (f"sum(redis_memory_used_bytes{{{I}}})", "memory"), kind="stat", width=4, height=4),
        Panel(17, "Deployments", "short", "Deployments that the chosen nodes belong to.",
              (f"count(count by (deployment) (redstart_node_info{{{I}, {D}}}))", "deployments"),
              kind="stat", width=4, height=4),
        Panel(7, "Up and down", "short", "Whether each node answered its polls.",
              (f"redis_up{{{I}}}",), kind="state-timeline", width=12, mappings=UP,
              alerts=["RedisDown", "RedisFlapping"]),
        Panel(6, "Nodes", "short", "What each node is, and which version it runs.",
              (f"redstart_node_info{{{I}, {D}}}",
               ""), kind="table", width=12, transformations=HIDE_TIME),
        Panel(8, "Commands by node", "ops", "Commands that each node runs in a second.",
              (f"rate(redis_commands_processed_total{{{I}}}[$__rate_interval])",)),
        Panel(9, "Memory against its limit", "percentunit", "Share of maxmemory in use; nodes without a limit are left out.",
              (f"redis_memory_used_bytes{{{I}}} / (redis_memory_max_bytes{{{I}}} > 0)",), min=0,
              alerts=["RedisMemoryHigh", "RedisMemoryCritical"], limits=["RedisMemoryHigh", "RedisMemoryCritical"]),
        Panel(10, "Keys found", "percentunit", "Share of the keys asked for that were there.",
              (f"rate(redis_keyspace_hits_total{{{I}}}[5m]) / (rate(redis_keyspace_hits_total{{{I}}}[5m])"
               f" + rate(redis_keyspace_misses_total{{{I}}}[5m]) > 0)",), min=0, max=1,
              alerts=["RedisCacheHitRateLow"], limits=["RedisCacheHitRateLow"]),
        Panel(11, "Clients", "short", "Clients connected to each node.", (f"redis_connected_clients{{{I}}}",)),
        Panel(12, "Versions and policies", "short",
              "Versions of Redis and values of maxmemory-policy in each deployment; more than one each is drift.",
              (f'count by (deployment) (count by (deployment, redis_version) (redis_instance_info{{{D}, deployment!=""}}))',
               "{{deployment}}: versions"),
              (f'count by (deployment) (count by (deployment, maxmemory_policy) '
               f'(redis_instance_info{{{D}, deployment!="", maxmemory_policy!=""}}))', "{{deployment}}: policies"),
              alerts=["RedisVersionsDiffer", "RedisPoliciesDiffer"], limits=["RedisVersionsDiffer"]),
        Panel(13, "Memory limits", "bytes", "maxmemory of each node; 0 is none. Nodes of one deployment should have the same.",
              (f"redis_memory_max_bytes{{{I}}}",), alerts=["RedisMaxmemoryDiffers"]),
        Panel(14, "Open to everybody", "short", "One where Redstart got in over TCP without password and certificate.",
              (f"redstart_node_unprotected{{{I}}}",), alerts=["RedisWithoutPassword"]),
        Panel(15, "Certificates", "s", "Time until the certificate of each node expires; empty without TLS.",
              (f"redstart_node_certificate_expiry_timestamp_seconds{{{I}}} - time()",),
              alerts=["RedisCertificateExpiring"], limits=["RedisCertificateExpiring"]),
        Panel(16, "Uptime", "s", "Time since the server was started.",
              (f"redis_uptime_in_seconds{{{I}}}",), alerts=["RedisRestarted"]),
    ]),
    "node": ("Redis: one node", [
        Panel(1, "Up", "short", "Whether the last poll was answered.", (f"redis_up{{{I}}}",),
              kind="stat", width=4, height=4, mappings=UP),
        Panel(2, "Uptime", "s", "Time since the server was started.", (f"redis_uptime_in_seconds{{{I}}}",),
              kind="stat", width=4, height=4),
        Panel(3, "Part in the deployment", "short", "Master, replica or Sentinel, and of which deployment and shard.",
              (f"redstart_node_info{{{I}}}", "{{role}} {{deployment}} {{shard}}"), kind="stat", width=4, height=4),
        Panel(4, "Memory", "bytes", "Memory in use for data and overhead.", (f"redis_memory_used_bytes{{{I}}}",),
              kind="stat", width=4, height=4),
        Panel(5, "Clients", "short", "Clients connected now.", (f"redis_connected_clients{{{I}}}",),
              kind="stat", width=4, height=4),
        Panel(26, "Keys", "short", "Keys in all databases.", (f"sum by (instance) (redis_db_keys{{{I}}})",),
              kind="stat", width=4, height=4),
        Panel(6, "Commands", "ops", "Commands a second, with the mean of the node's own last hour.",
              (f"redis:operations:rate5m{{{I}}}", "{{instance}}"),
              (f"avg_over_time(redis:operations:rate5m{{{I}}}[50m] offset 10m)", "{{instance}}: its last hour"),
              alerts=["RedisOperationsUnusual"]),
        Panel(7, "Commands by kind", "ops", "The ten most frequent commands.",
              (f"topk(10, sum by (cmd) (rate(redis_commands_total{{{I}}}[$__rate_interval])))", "{{cmd}}"), stack=True),
        Panel(8, "Main thread", "percentunit", "Share of a core that the thread takes that runs all commands.",
              (f"rate(redis_cpu_user_main_thread_seconds_total{{{I}}}[5m]) + "
               f"rate(redis_cpu_sys_main_thread_seconds_total{{{I}}}[5m])",), min=0,
              alerts=["RedisMainThreadSaturated"], limits=["RedisMainThreadSaturated"]),
        Panel(9, "Event loop", "percentunit", "Share of the time that the event loop is at work; Redis 7.2 and later.",
              (f"rate(redis_eventloop_duration_sum_usec_total{{{I}}}[5m]) / 1e6",), min=0,
              alerts=["RedisEventLoopSaturated"], limits=["RedisEventLoopSaturated"]),
        Panel(10, "Keys found", "percentunit", "Share of the keys asked for that were there.",
              (f"rate(redis_keyspace_hits_total{{{I}}}[5m]) / (rate(redis_keyspace_hits_total{{{I}}}[5m])"
               f" + rate(redis_keyspace_misses_total{{{I}}}[5m]) > 0)",), min=0, max=1,
              alerts=["RedisCacheHitRateLow", "RedisCacheHitRateDropped", "RedisCacheUndersized"],
              limits=["RedisCacheHitRateLow"]),
        Panel(11, "Evicted and expired keys", "ops", "Keys deleted for lack of memory, and because their time was over.",
              (f"rate(redis_evicted_keys_total{{{I}}}[2m])", "{{instance}}: evicted"),
              (f"rate(redis_expired_keys_total{{{I}}}[2m])", "{{instance}}: expired"), alerts=["RedisEvictingKeys"]),
        Panel(12, "Clients against their limit", "percentunit", "Share of maxclients that is connected.",
              (f"redis_connected_clients{{{I}}} / ((redis_max_clients{{{I}}} or redis_config_maxclients{{{I}}}) > 0)",),
              min=0, alerts=["RedisConnectionsHigh", "RedisConnectionLeak"], limits=["RedisConnectionsHigh"]),
        Panel(13, "New and rejected connections", "ops", "Connections accepted and turned away in a second.",
              (f"rate(redis_connections_received_total{{{I}}}[5m])", "{{instance}}: new"),
              (f"rate(redis_rejected_connections_total{{{I}}}[5m])", "{{instance}}: rejected"),
              alerts=["RedisConnectionStorm", "RedisRejectedConnections"], limits=["RedisConnectionStorm"]),
        Panel(14, "Blocked clients", "short", "Clients that wait in a blocking command.",
              (f"redis_blocked_clients{{{I}}}",), alerts=["RedisBlockedClientsGrowing"],
              limits=["RedisBlockedClientsGrowing"]),
        Panel(15, "Size of a reply", "bytes", "Bytes sent for each command, on average.",
              (f"rate(redis_net_output_bytes_total{{{I}}}[5m]) / (rate(redis_commands_processed_total{{{I}}}[5m]) > 0)",),
              alerts=["RedisBigKeySuspected"], limits=["RedisBigKeySuspected"]),
        Panel(16, "Keys by database", "short", "Keys of each database.", (f"redis_db_keys{{{I}}}", "{{instance}} {{db}}")),
        Panel(17, "Denied", "short", "What was refused for lack of rights within ten minutes.",
              *[(f"increase(redis_acl_access_denied_{kind}_total{{{I}}}[10m])", f"{{{{instance}}}}: {kind}")
                for kind in ("auth", "cmd", "key", "channel")],
              alerts=["RedisAccessDenied"], limits=["RedisAccessDenied"]),
        Panel(18, "Dangerous commands", "short", "Uses of commands that delete everything, block everybody or show everything.",
              (f'redis_commands_total{{{I}, cmd=~"flushall|flushdb|keys|monitor|debug|save"}}', "{{instance}}: {{cmd}}"),
              alerts=["RedisDangerousCommands"]),
        Panel(19, "Connections cut", "short", "Connections closed within ten minutes because their buffers had grown too large.",
              (f"increase(redis_client_output_buffer_limit_disconnections_total{{{I}}}[10m]) or "
               f"increase(redis_evicted_clients_total{{{I}}}[10m])",), alerts=["RedisOutputBuffersCut"]),
        Panel(20, "Age of the snapshot", "s", "Time since the last snapshot; only where changes are to be saved.",
              (f"time() - redis_rdb_last_save_timestamp_seconds{{{I}}}",), alerts=["RedisRDBSaveDelayed"],
              limits=["RedisRDBSaveDelayed"]),
        Panel(21, "State of writing to disk", "short", "One where the last snapshot, append or rewrite worked, else zero.",
              (f"redis_rdb_last_bgsave_status{{{I}}}", "{{instance}}: snapshot"),
              (f"redis_aof_last_write_status{{{I}}}", "{{instance}}: append"),
              (f"redis_aof_last_bgrewrite_status{{{I}}}", "{{instance}}: rewrite"), min=0, max=1,
              alerts=["RedisSaveFailed"]),
        Panel(22, "Running saves and rewrites", "s", "How long the save or rewrite under way has been running; -1 is none.",
              (f"redis_rdb_current_bgsave_duration_sec{{{I}}}", "{{instance}}: snapshot"),
              (f"redis_aof_current_rewrite_duration_sec{{{I}}}", "{{instance}}: rewrite"),
              alerts=["RedisRewriteStuck"], limits=["RedisRewriteStuck"]),
        Panel(23, "Waits for the disk", "short", "How often the append-only file had to wait for the disk within ten minutes.",
              (f"increase(redis_aof_delayed_fsync{{{I}}}[10m])",), alerts=["RedisAOFDelayedFsync"],
              limits=["RedisAOFDelayedFsync"]),
        Panel(24, "Last fork", "s", "Time that the last fork took, in which nobody is answered.",
              (f"redis_latest_fork_seconds{{{I}}}",), alerts=["RedisForkSlow"], limits=["RedisForkSlow"]),
        Panel(25, "Loading", "short", "One while the server loads its data and answers no command on keys.",
              (f"redis_loading_dump_file{{{I}}}",), min=0, max=1, alerts=["RedisLoadingLong"]),
    ]),
    "memory": ("Redis: memory", [
        Panel(1, "Memory in use", "bytes", "What Redis has allocated, what is resident, and the limit.",
              (f"redis_memory_used_bytes{{{I}}}", "{{instance}}: used"),
              (f"redis_memory_used_rss_bytes{{{I}}}", "{{instance}}: resident"),
              (f"redis_memory_max_bytes{{{I}}} > 0", "{{instance}}: limit")),
        Panel(2, "Share of the limit", "percentunit", "Share of maxmemory in use; nodes without a limit are left out.",
              (f"redis_memory_used_bytes{{{I}}} / (redis_memory_max_bytes{{{I}}} > 0)",), min=0,
              alerts=["RedisMemoryHigh", "RedisMemoryCritical", "RedisMemoryPressure"],
              limits=["RedisMemoryHigh", "RedisMemoryCritical"]),
        Panel(3, "Predicted in four hours", "percentunit", "Share of maxmemory in four hours, if it goes on as in the last hour.",
              (f"predict_linear(redis_memory_used_bytes{{{I}}}[1h], 4 * 3600) / (redis_memory_max_bytes{{{I}}} > 0)",),
              alerts=["RedisMemoryPredictedFull"]),
        Panel(4, "Fragmentation", "none", "Resident memory over memory in use; says something only from 100 MB on.",
              (f"redis_mem_fragmentation_ratio{{{I}}}",), alerts=["RedisFragmentationHigh"],
              limits=["RedisFragmentationHigh"]),
        Panel(5, "Resident", "percentunit", "Share of the memory in use that is resident; below 1 a part is swapped out.",
              (f"(redis_memory_used_rss_bytes{{{I}}} > 0) / redis_memory_used_bytes{{{I}}}",), min=0,
              alerts=["RedisSwapping"], limits=["RedisSwapping"]),
        Panel(6, "Share of the host", "percentunit", "Share of the memory of its host that the process holds; empty without --include-system-metrics.",
              (f"redis_memory_used_rss_bytes{{{I}}} / (redis_total_system_memory_bytes{{{I}}} > 0)",), min=0,
              alerts=["RedisHostMemoryHigh"], limits=["RedisHostMemoryHigh"]),
        Panel(7, "Refused for lack of memory", "short", "Commands refused within five minutes because the limit was reached; empty before the first.",
              (f'increase(redis_errors_total{{{I}, err="OOM"}}[5m])',), alerts=["RedisOutOfMemoryRefusals"]),
        Panel(8, "What the memory is for", "bytes", "Data, overhead, clients, replication and scripts of the chosen nodes.",
              (f"sum(redis_memory_used_dataset_bytes{{{I}}})", "data"),
              (f"sum(redis_mem_clients_normal{{{I}}})", "clients"),
              (f"sum(redis_mem_clients_slaves{{{I}}})", "replicas"),
              (f"sum(redis_mem_replication_backlog_bytes{{{I}}})", "backlog"),
              (f"sum(redis_mem_aof_buffer_bytes{{{I}}})", "append-only file"), stack=True),
        Panel(9, "Evictions", "ops", "Keys deleted for lack of memory.", (f"rate(redis_evicted_keys_total{{{I}}}[2m])",)),
        Panel(10, "Against its own last hour", "none", "How many standard deviations the memory in use is away from its last hour; empty in the first half an hour.",
              (f"redis:memory_used:zscore{{{I}}}",), alerts=["RedisMemoryUnusual"], limits=["RedisMemoryUnusual"]),
        Panel(11, "Largest clients", "bytes", "Largest input and output buffer of a client lately.",
              (f"redis_client_recent_max_input_buffer_bytes{{{I}}}", "{{instance}}: input"),
              (f"redis_client_recent_max_output_buffer_bytes{{{I}}}", "{{instance}}: output")),
        Panel(12, "Keys with and without an end", "short", "Keys, and how many of them have a time to live.",
              (f"sum by (instance) (redis_db_keys{{{I}}})", "{{instance}}: all"),
              (f"sum by (instance) (redis_db_keys_expiring{{{I}}})", "{{instance}}: with an end")),
    ]),
    "replication": ("Redis: replication and Sentinel", [
        Panel(1, "Lag in time", "s", "How long ago the master was where the replica is now, and the age of its last word.",
              (f"redis_replication_lag_seconds{{{I}}}", "{{instance}}"),
              (f"redis_connected_slave_lag_seconds{{{I}}}", "{{slave_ip}}:{{slave_port}} of {{instance}}"),
              alerts=["RedisReplicationLagHigh"], limits=["RedisReplicationLagHigh"]),
        Panel(2, "Lag in bytes", "bytes", "What the replica has not processed, and what the backlog holds.",
              (f"redis_replication_lag_bytes{{{I}}}", "{{instance}}: lag"),
              (f"redis_replication_backlog_bytes{{{I}}}", "{{instance}}: backlog"), alerts=["RedisReplicaBeyondBacklog"]),
        Panel(3, "Links", "short", "One where a replica has a link to what it follows, else zero.",
              (f"redis_master_link_up{{{I}}}", "{{instance}} to {{master_host}}:{{master_port}}"), min=0, max=1,
              alerts=["RedisReplicaDisconnected", "RedisReplicationChainBroken"]),
        Panel(4, "Replicas", "short", "Replicas connected to each node.", (f"redis_connected_slaves{{{I}}}",)),
        Panel(5, "Full copies", "short", "Full copies sent within an hour, and partial ones denied.",
              (f"increase(redis_replica_resyncs_full{{{I}}}[1h])", "{{instance}}: full"),
              (f"increase(redis_replica_partial_resync_denied{{{I}}}[1h])", "{{instance}}: denied"),
              alerts=["RedisFullResyncsRepeating", "RedisResyncStorm"], limits=["RedisFullResyncsRepeating"]),
        Panel(6, "Contradictions", "short", "What nodes of a deployment say against each other; empty when all agree.",
              (f"sum by (deployment, kind) (redstart_topology_disagreement{{{D}}})", "{{deployment}}: {{kind}}"),
              alerts=["RedisTwoMasters", "RedisNoMaster", "RedisStrayReplica", "RedisWritableReplica",
                      "RedisReplicationCycle", "RedisSentinelsDisagree"]),
        Panel(7, "Quorum", "short", "One where a Sentinel reaches quorum and majority for a master, else zero.",
              (f"min without (message) (redis_sentinel_master_ckquorum_status{{{I}}})", "{{instance}}: {{master_name}}"),
              min=0, max=1, alerts=["RedisSentinelQuorumLost"]),
        Panel(8, "Missing Sentinels", "short", "Sentinels that each one knows and does not reach.",
              (f"redis_sentinel_master_sentinels{{{I}}} - redis_sentinel_master_ok_sentinels{{{I}}}",
               "{{instance}}: {{master_name}}"), alerts=["RedisSentinelPeersMissing"], limits=["RedisSentinelPeersMissing"]),
        Panel(9, "Failovers", "short", "Failovers within an hour, by the epoch of the configuration.",
              (f"max without (master_address) (max_over_time(redis_sentinel_master_config_epoch{{{I}}}[1h])) - "
               f"min without (master_address) (min_over_time(redis_sentinel_master_config_epoch{{{I}}}[1h]))",
               "{{instance}}: {{master_name}}"), alerts=["RedisFailoverFlapping"], limits=["RedisFailoverFlapping"]),
        Panel(10, "Tilt", "short", "One while a Sentinel distrusts its clock.", (f"redis_sentinel_tilt{{{I}}}",),
              alerts=["RedisSentinelTilt"], limits=["RedisSentinelTilt"]),
        Panel(11, "Duration of failovers", "s", "Time that the last failover of each deployment took; empty before the first.",
              (f"redstart_failover_last_duration_seconds{{{D}}}", "{{deployment}}")),
        Panel(12, "Offsets", "short", "Position in the stream of replication.", (f"redis_master_repl_offset{{{I}}}",)),
    ]),
    "cluster": ("Redis: Cluster", [
        Panel(1, "State", "short", "One where the node finds the cluster well, else zero.",
              (f"redis_cluster_state{{{I}}}",), kind="state-timeline", width=12, mappings=UP,
              alerts=["RedisClusterStateFailure"]),
        Panel(2, "Map of the slots", "short",
              "Who serves which sixteenth of the 16384 slots: each full column is 1024 slots, what is missing is served by nobody.",
              (f"sum by (slots, instance) (redstart_cluster_slots_served{{{I}}})", "{{instance}}"),
              kind="barchart", width=12, min=0, max=1024,
              transformations=[{"id": "groupingToMatrix", "options": {
                  "rowField": "slots", "columnField": "instance", "valueField": "Value"}},
                  {"id": "renameByRegex", "options": {"regex": "^slots\\\\instance$", "renamePattern": "slots"}}]),
        Panel(3, "Failed slots", "short", "Slots whose master has failed, as the cluster has agreed.",
              (f"redis_cluster_slots_fail{{{I}}}",), alerts=["RedisClusterSlotsFailed"], limits=["RedisClusterSlotsFailed"]),
        Panel(4, "Suspected slots", "short", "Slots whose master does not answer this node.",
              (f"redis_cluster_slots_pfail{{{I}}}",), alerts=["RedisClusterSlotsSuspected"],
              limits=["RedisClusterSlotsSuspected"]),
        Panel(5, "Slots without an owner", "short", "Slots that belong to nobody, as each node sees it.",
              (f"16384 - redis_cluster_slots_assigned{{{I}}}",), alerts=["RedisClusterSlotsUncovered"],
              limits=["RedisClusterSlotsUncovered"]),
        Panel(6, "Slots that move", "short", "Slots on the way from a node, and to it.",
              (f"redis_cluster_slots_migrating{{{I}}}", "{{instance}}: from"),
              (f"redis_cluster_slots_importing{{{I}}}", "{{instance}}: to"), alerts=["RedisClusterMigrationStuck"]),
        Panel(7, "Contradictions", "short", "What nodes of a cluster say against each other; empty when all agree.",
              (f"sum by (deployment, kind) (redstart_topology_disagreement{{{D}}})", "{{deployment}}: {{kind}}"),
              alerts=["RedisClusterViewsDiffer", "RedisClusterShardWithoutReplica"]),
        Panel(8, "Known nodes", "short", "Nodes that each node knows.", (f"redis_cluster_known_nodes{{{I}}}",)),
        Panel(9, "Keys by shard", "short", "Keys that each master holds.",
              (f'sum without (db) (redis_db_keys{{{I}}}) * on (job, instance) group_left (deployment, shard) '
               f'redstart_node_info{{role="master", shard!=""}}',), alerts=["RedisClusterKeysUneven"]),
        Panel(10, "Memory by shard", "bytes", "Memory in use of each master.",
              (f'redis_memory_used_bytes{{{I}}} * on (job, instance) group_left (deployment, shard) '
               f'redstart_node_info{{role="master", shard!=""}}',), alerts=["RedisClusterMemoryUneven"]),
        Panel(11, "Commands by shard", "ops", "Commands that each master runs in a second.",
              (f'redis:operations:rate5m{{{I}}} * on (job, instance) group_left (deployment, shard) '
               f'redstart_node_info{{role="master", shard!=""}}',), alerts=["RedisHotKeySuspected"]),
        Panel(12, "Messages between nodes", "ops", "Messages that each node sends over the bus in a second.",
              (f"rate(redis_cluster_messages_sent_total{{{I}}}[$__rate_interval])",)),
    ]),
    "latency": ("Redis: slow log and latency", [
        Panel(1, "Round trips", "s", "How long Redstart waits for the answer to a PING, by how many did.",
              (f"sum by (le) (increase(redstart_node_ping_seconds_bucket{{{I}}}[$__rate_interval]))", "{{le}}"),
              kind="heatmap", width=12),
        Panel(2, "Commands", "µs", "How long commands take, by how many did; Redis 7.0 and later.",
              (f"sum by (le) (increase(redis_commands_latencies_usec_bucket{{{I}}}[$__rate_interval]))", "{{le}}"),
              kind="heatmap", width=12),
        Panel(3, "One command in a hundred", "s", "Time that one command in a hundred takes or more; Redis 7.0 and later.",
              (f"redis:command_latency_seconds:p99_5m{{{I}}}",), alerts=["RedisCommandLatencyHigh"],
              limits=["RedisCommandLatencyHigh"]),
        Panel(4, "New entries of the slow log", "short", "Commands slow enough for the slow log within ten minutes.",
              (f"increase(redis_slowlog_last_id{{{I}}}[10m])",), alerts=["RedisSlowLogGrowing"],
              limits=["RedisSlowLogGrowing"]),
        Panel(5, "Time of slow commands", "percentunit", "Share of the time that slow commands take, by command; empty without any.",
              (f"topk(10, sum by (instance, cmd) (rate(redis_slowlog_duration_seconds_total{{{I}}}[5m])))",
               "{{instance}}: {{cmd}}"), alerts=["RedisSlowCommandsBlocking"], limits=["RedisSlowCommandsBlocking"]),
        Panel(6, "Slow commands", "short", "Entries of the slow log by command; empty without any.",
              (f"topk(10, sum by (cmd) (redis_slowlog_entries_total{{{I}}}))", "{{cmd}}"), kind="bargauge"),
        Panel(7, "Writing to disk", "short", "One while a snapshot or a rewrite runs, beside the commands that got slow.",
              (f"redis_rdb_bgsave_in_progress{{{I}}}", "{{instance}}: snapshot"),
              (f"redis_aof_rewrite_in_progress{{{I}}}", "{{instance}}: rewrite"),
              alerts=["RedisPersistenceStealsLatency"]),
        Panel(8, "Time by command", "percentunit", "Share of the time of the main thread that the ten heaviest commands take.",
              (f"topk(10, sum by (cmd) (rate(redis_commands_duration_seconds_total{{{I}}}[$__rate_interval])))", "{{cmd}}"),
              stack=True),
        Panel(9, "Time of a command", "s", "Mean time of a command, by how often it is used.",
              (f"redis:command_seconds:avg5m{{{I}}}",)),
        Panel(10, "Against its own last hour", "none",
              "How many standard deviations the mean time of a command is above its last hour; empty in the first half an hour.",
              (f"redis:command_seconds:zscore{{{I}}}",), alerts=["RedisLatencyUnusual"], limits=["RedisLatencyUnusual"]),
        Panel(11, "Events of the latency monitor", "s", "Last spike by event; empty unless latency-monitor-threshold is set.",
              (f"redis_latency_spike_duration_seconds{{{I}}}", "{{instance}}: {{event_name}}")),
    ]),
    "alerts": ("Redis: alerts and service level", [
        Panel(1, "Alerts that fire", "short", "Every alert that fires now; the Watchdog always does.",
              ('ALERTS{alertstate="firing"}', ""), kind="table", width=12, transformations=HIDE_TIME, alerts=["Watchdog"]),
        Panel(2, "Alerts over time", "short", "How many alerts were pending and firing, by severity.",
              ('sum by (alertstate, severity) (ALERTS{severity!="none"})', "{{alertstate}} {{severity}}"),
              width=12, stack=True),
        Panel(3, "Time away", "percentunit", "Share of polls without an answer; the objective allows 0.1 %.",
              (f"redis:availability_errors:ratio_5m{{{I}}}", "{{instance}}: 5m"),
              (f"redis:availability_errors:ratio_1h{{{I}}}", "{{instance}}: 1h"), min=0,
              alerts=["RedisAvailabilityBudgetBurnsFast", "RedisAvailabilityBudgetBurnsSlowly"],
              limits=["RedisAvailabilityBudgetBurnsFast"]),
        Panel(4, "Slow commands", "percentunit", "Share of commands that took more than 8.5 ms; the objective allows 0.1 %.",
              (f"redis:latency_errors:ratio_5m{{{I}}}", "{{instance}}: 5m"),
              (f"redis:latency_errors:ratio_1h{{{I}}}", "{{instance}}: 1h"), min=0,
              alerts=["RedisLatencyBudgetBurnsFast", "RedisLatencyBudgetBurnsSlowly"],
              limits=["RedisLatencyBudgetBurnsFast"]),
        Panel(5, "Budget left", "percentunit",
              "What is left of the errors that 30 days allow, of the history that there is; empty in the first five minutes.",
              (f"redis:availability:error_budget_left_ratio{{{I}}}", "{{instance}}: availability"),
              (f"redis:latency:error_budget_left_ratio{{{I}}}", "{{instance}}: latency")),
        Panel(6, "Longer windows", "percentunit", "Shares of errors of days; empty while the history is shorter.",
              (f"redis:availability_errors:ratio_1d{{{I}}}", "{{instance}}: away, 1d"),
              (f"redis:latency_errors:ratio_1d{{{I}}}", "{{instance}}: slow, 1d")),
    ]),
    "self": ("Redstart itself", [
        Panel(1, "Polls", "ops", "Polls of each node in a second.", (f"rate(redstart_node_polls_total{{{I}}}[5m])",)),
        Panel(2, "Time of a poll", "s", "Time that the last poll of each node took.",
              (f"redis_exporter_last_scrape_duration_seconds{{{I}}}",), alerts=["RedstartPollsSlow"],
              limits=["RedstartPollsSlow"]),
        Panel(3, "Why polls fail", "short", "Reason of the last failure of each node; empty when all polls work.",
              (f"redstart_node_failure_reason{{{I}}}", "{{instance}}: {{reason}}"), alerts=["RedstartTargetRefusing"]),
        Panel(4, "Refused commands", "short", "Commands that a node refuses and that are not sent to it any more.",
              (f"redstart_node_refused_commands{{{I}}}",)),
        Panel(5, "Series", "short", "Series in the history.", ("redstart_store_series", "series")),
        Panel(6, "Memory of the history", "bytes", "Memory that the history takes, and the whole process.",
              ("redstart_store_bytes", "history"), ('process_resident_memory_bytes{job="redstart"}', "process")),
        Panel(7, "Samples left out", "short", "Samples dropped within 15 minutes because of a limit.",
              ('sum by (instance, reason) (increase(redstart_series_dropped_total{reason!="duplicate"}[15m]))',
               "{{instance}}: {{reason}}"),
              ('sum by (reason) (increase(redstart_store_samples_dropped_total{reason="memory_limit"}[15m]))', "{{reason}}"),
              alerts=["RedstartSeriesDropped"], limits=["RedstartSeriesDropped"]),
        Panel(8, "Rules that fail", "short", "Rules whose last evaluation failed.", ("redstart_rules_failing", "rules"),
              alerts=["RedstartRulesFailing"], limits=["RedstartRulesFailing"]),
        Panel(9, "Time of rules", "s", "Time that the last evaluation of each group took.",
              ("redstart_rule_group_last_duration_seconds", "{{rule_group}}")),
        Panel(10, "Messages", "short", "Messages that receivers took or that were given up, within 15 minutes; empty without receivers.",
              ("sum by (receiver) (increase(redstart_notifications_sent_total[15m]))", "{{receiver}}: sent"),
              ("sum by (receiver, reason) (increase(redstart_notifications_failed_total[15m]))",
               "{{receiver}}: given up, {{reason}}"), alerts=["RedstartNotificationsFailed"],
              limits=["RedstartNotificationsFailed"]),
        Panel(11, "Processor", "percentunit", "Share of a core that Redstart takes.",
              ('rate(process_cpu_seconds_total{job="redstart"}[5m])', "process")),
        Panel(12, "State", "short", "One where what happens outlives the process; and what keeps it from that.",
              ("redstart_state_persistent", "persistent"), ("redstart_state_problem", "{{problem}}"), min=0, max=1,
              alerts=["RedstartStateUnavailable"]),
        Panel(13, "Configuration", "short", "One if the configuration in force is that of the files.",
              ("redstart_config_last_reload_successful", "in force"), min=0, max=1, alerts=["RedstartConfigReloadFailed"]),
        Panel(14, "HTTP responses", "reqps", "Responses by class of status.",
              ("sum by (class) (rate(redstart_http_responses_total[5m]))", "{{class}}")),
    ]),
}


def variables():
    def query(name, label, text, multi=True, **more):
        return {
            "name": name, "label": label, "type": "query", "datasource": DATASOURCE, "refresh": 2, "sort": 1,
            "query": {"query": text, "refId": name}, "definition": text, "multi": multi, "includeAll": True,
            "current": {"text": "All", "value": "$__all"}, "hide": 0,
        } | more

    anything = {"allValue": ".*"}
    return [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "hide": 0,
         "current": {}, "includeAll": False, "multi": False},
        query("deployment", "Deployment", "label_values(redstart_node_info, deployment)", **anything),
        query("env", "Environment", "label_values(redis_up, env)", **anything),
        query("role", "Role", 'label_values(redstart_node_info{deployment=~"$deployment"}, role)', **anything),
        query("shard", "Shard", 'label_values(redstart_node_info{deployment=~"$deployment"}, shard)', **anything),
        query("instance", "Instance", INSTANCES, regex='/instance="([^"]+)"/'),
        {"name": "redstart", "label": "Redstart", "type": "textbox", "query": "http://localhost:9121", "hide": 0,
         "current": {"text": "http://localhost:9121", "value": "http://localhost:9121"}},
    ]


def layout(panels):
    """Panels from left to right, in rows as high as their highest."""
    left = top = height = 0
    for panel in panels:
        if left + panel.width > 24:
            left, top, height = 0, top + height, 0
        yield panel.json({"x": left, "y": top, "w": panel.width, "h": panel.height})
        left, height = left + panel.width, max(height, panel.height)


def dashboard(key, title, panels):
    return {
        "uid": f"redstart-{key}", "title": title, "tags": ["redis", "redstart"], "schemaVersion": 39, "version": 1,
        "editable": True, "graphTooltip": 1, "refresh": "30s", "time": {"from": "now-1h", "to": "now"}, "timezone": "",
        "templating": {"list": variables()}, "panels": list(layout(panels)),
        "links": [{"type": "dashboards", "tags": ["redstart"], "title": "Redstart", "asDropdown": True,
                   "includeVars": True, "keepTime": True, "targetBlank": False, "url": ""}],
        "annotations": {"list": [{
            "name": "Alerts", "datasource": DATASOURCE, "enable": False, "iconColor": "red",
            "expr": 'ALERTS{alertstate="firing", severity!="none"}', "titleFormat": "{{alertname}}",
            "textFormat": "{{instance}}{{deployment}}", "step": "30s"}]},
    }


def literal(dumper, text):
    """Texts of several lines stand as blocks."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


def prometheus_rule():
    yaml.SafeDumper.add_representer(str, literal)
    resource = {
        "apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule",
        "metadata": {"name": "redstart", "labels": {"app.kubernetes.io/name": "redstart"}},
        "spec": {"groups": GROUPS},
    }
    head = "# Made by `make dashboards` from rules/; for the Prometheus Operator.\n"
    return head + yaml.safe_dump(resource, sort_keys=False, width=120, allow_unicode=True)


def outputs():
    for key, (title, panels) in DASHBOARDS.items():
        yield f"dashboards/{key}.json", json.dumps(dashboard(key, title, panels), indent=2, ensure_ascii=False) + "\n"
    yield "deploy/kubernetes/prometheusrule.yaml", prometheus_rule()


def main():
    stale = []
    for name, text in outputs():
        path = ROOT / name
        if path.exists() and path.read_text() == text:
            continue
        stale.append(name)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if "--check" in sys.argv and stale:
        sys.exit("not up to date, run `make dashboards`: " + ", ".join(stale))


main()
