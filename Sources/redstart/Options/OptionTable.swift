import Configuration
import Metrics
import RedisClient
import RedisCollectors
import RedisFleet

/// Every option of `serve`, `check`, `metrics`, `discover` and `doctor`: the only place where an option is named.
///
/// Reading, help, man page and documentation are made from it. A new option is a field of `Options` and a row here.
enum OptionTable {
    /// All rows, in the order in which they are listed within their sections.
    static let all: [OptionRow] =
        servers + connections + collecting + keys + polls + queries + web + notifications + state + oneShot
        + withoutEffect

    private static let everywhere: Set<OptionRow.Command> = Set(OptionRow.Command.allCases)

    private static let servers: [OptionRow] = [
        .list(
            "redis.addr", \.addresses, "address", default: "redis://localhost:6379",
            .inherited(.servers, "REDIS_ADDR", everywhere),
            "A server to watch, the same as an argument; repeatable. An empty one asks for none: then there is /scrape."
        ),
        .optional(
            "redis.user", \.targetDefaults.credentials.user, "name", .inherited(.servers, "REDIS_USER", everywhere),
            "User to authenticate as, where the target names none."
        ),
        .optional(
            "redis.password", \.targetDefaults.credentials.password, "password", isSecret: true,
            .inherited(.servers, "REDIS_PASSWORD", everywhere),
            "Password to authenticate with, where the target has none. Better in the variable: others see arguments."
        ),
        .optional(
            "redis.password-file", \.passwordFile, "file", .inherited(.servers, "REDIS_PASSWORD_FILE", everywhere),
            "JSON file with the passwords of servers by address: {\"redis://cache-1:6379\": \"…\"}."
        ),
        .toggle(
            "discover", \.discovers, .own(.servers, everywhere),
            "Watch also what replicates from the named servers, and what they replicate from."
        ),
        .toggle(
            "is-cluster", \.checks.isCluster, .inherited(.servers, "REDIS_EXPORTER_IS_CLUSTER", everywhere),
            "The servers are nodes of a cluster: /discover-cluster-nodes lists all its nodes, and /scrape reaches them."
        ),
        .toggle(
            "cluster-discover-hostnames", \.clusterDiscoversHostNames,
            .inherited(.servers, "REDIS_EXPORTER_CLUSTER_DISCOVER_HOSTNAMES"),
            "List nodes at /discover-cluster-nodes by the host names they announce, where they do."
        ),
        .shard(
            "shard", \.shard, .own(.servers),
            """
            Watch one part of the targets, the others are for other processes: 2/8, or hostname/8 for the number at the \
            end of the host name of a StatefulSet's pod. Counted from 0.
            """
        ),
        .optional(
            "replicas", \.replicas, "number", default: "1", .own(.servers),
            "How many of the shards watch each deployment; more than one for high availability."
        ),
    ]

    private static let connections: [OptionRow] = [
        .optionalDuration(
            "connection-timeout", \.targetDefaults.timeout, atLeast: .milliseconds(10), default: "5s",
            .inherited(.connections, "REDIS_EXPORTER_CONNECTION_TIMEOUT", everywhere),
            "Longest time a poll may take, connecting included."
        ),
        .optional(
            "tls-ca-cert-file", \.targetDefaults.tls.authorityFile, "file",
            .inherited(.connections, "REDIS_EXPORTER_TLS_CA_CERT_FILE", everywhere),
            "PEM file with the authorities to trust instead of the system's."
        ),
        .optional(
            "tls-client-cert-file", \.targetDefaults.tls.certificateFile, "file",
            .inherited(.connections, "REDIS_EXPORTER_TLS_CLIENT_CERT_FILE", everywhere),
            "PEM file with the certificate to show to servers."
        ),
        .optional(
            "tls-client-key-file", \.targetDefaults.tls.keyFile, "file",
            .inherited(.connections, "REDIS_EXPORTER_TLS_CLIENT_KEY_FILE", everywhere),
            "PEM file with the key of that certificate."
        ),
        .optional(
            "tls-server-name", \.targetDefaults.tls.serverName, "name",
            .inherited(.connections, "REDIS_EXPORTER_TLS_SERVER_NAME", everywhere),
            "Name that the certificates of servers must have, where it is not the host of the address."
        ),
        .toggle(
            "skip-tls-verification", \.skipsVerification,
            .inherited(.connections, "REDIS_EXPORTER_SKIP_TLS_VERIFICATION", everywhere),
            "Accept any certificate: encrypted then, but to whom is unknown."
        ),
        .toggle(
            "set-client-name", \.setsClientName,
            .inherited(.connections, "REDIS_EXPORTER_SET_CLIENT_NAME", everywhere),
            "Name the connection 'redstart' in CLIENT LIST."
        ),
    ]

    private static let collecting: [OptionRow] = [
        .value(
            "config-command", \.collectors.configCommand, "command",
            .inherited(.collecting, "REDIS_EXPORTER_CONFIG_COMMAND", everywhere),
            "What the command CONFIG is called; - if it must not be sent."
        ),
        .toggle(
            "include-config-metrics", \.collectors.includeConfigMetrics,
            .inherited(.collecting, "REDIS_EXPORTER_INCL_CONFIG_METRICS", everywhere),
            "Export every parameter of CONFIG that is no secret."
        ),
        .toggle(
            "include-system-metrics", \.collectors.includeSystemMetrics,
            .inherited(.collecting, "REDIS_EXPORTER_INCL_SYSTEM_METRICS", everywhere),
            "Export the memory of the machine (total_system_memory_bytes)."
        ),
        .toggle(
            "include-modules-metrics", \.collectors.includeModulesMetrics,
            .inherited(.collecting, "REDIS_EXPORTER_INCL_MODULES_METRICS", everywhere),
            "Export the modules and what they say in INFO."
        ),
        .toggle(
            "include-sentinel-peer-info", \.collectors.includeSentinelPeerInfo,
            .inherited(.collecting, "REDIS_EXPORTER_INCL_SENTINEL_PEER_INFO", everywhere),
            "Export one series per peer of a Sentinel."
        ),
        .toggle(
            "include-metrics-for-empty-databases", \.collectors.includeEmptyDatabases,
            .inherited(.collecting, "REDIS_EXPORTER_INCL_METRICS_FOR_EMPTY_DATABASES", everywhere),
            "Export zeros for databases without keys."
        ),
        .toggle(
            "include-rdb-file-size-metric", \.checks.includesRDBFileSize,
            .inherited(.collecting, "REDIS_EXPORTER_INCL_RDB_FILE_SIZE_METRIC", everywhere),
            "Export the size of the dump, for a server on the same file system."
        ),
        .toggle(
            "exclude-latency-histogram-metrics", \.collectors.excludeLatencyHistogram,
            .inherited(.collecting, "REDIS_EXPORTER_EXCLUDE_LATENCY_HISTOGRAM_METRICS", everywhere),
            "Do not ask LATENCY at all."
        ),
        .toggle(
            "export-client-list", \.collectors.exportClientList,
            .inherited(.collecting, "REDIS_EXPORTER_EXPORT_CLIENT_LIST", everywhere),
            "Export a set of series per client."
        ),
        .toggle(
            "export-client-port", \.collectors.exportClientPort,
            .inherited(.collecting, "REDIS_EXPORTER_EXPORT_CLIENT_PORT", everywhere),
            "Give the clients' ports as a label too."
        ),
        .toggle(
            "client-groups", \.collectors.clientGroups, .own(.collecting, everywhere),
            "Export the clients grouped by name, library and address without port, the largest and most idle groups."
        ),
        .toggle(
            "slowlog-arguments", \.collectors.slowLogArguments, .own(.collecting),
            "Show the arguments of slow commands, keys and values, not only how many there are."
        ),
        .toggle(
            "ping-on-connect", \.collectors.includePingTime,
            .inherited(.collecting, "REDIS_EXPORTER_PING_ON_CONNECT", everywhere),
            "Export the time that a PING takes."
        ),
        .toggle(
            "is-tile38", \.collectors.isTile38, .inherited(.collecting, "REDIS_EXPORTER_IS_TILE38", everywhere),
            "The servers are Tile38."
        ),
        .toggle(
            "include-unknown-info", \.collectors.includeUnknownInfo, .own(.collecting, everywhere),
            "Export numeric INFO fields that no table knows, under one generic name."
        ),
    ]

    private static let keys: [OptionRow] = [
        .keyList(
            "check-keys", \.checks.keys, "patterns",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_KEYS", everywhere),
            "Export size, memory and value of the keys that match: db3=user*,db0=count*. Scans."
        ),
        .keyList(
            "check-single-keys", \.checks.singleKeys, "keys",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_SINGLE_KEYS", everywhere),
            "Export size, memory and value of these keys: db3=queue,db0=count."
        ),
        .keyList(
            "check-streams", \.checks.streams, "patterns",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_STREAMS", everywhere),
            "Export streams that match, with their groups and consumers. Scans."
        ),
        .keyList(
            "check-single-streams", \.checks.singleStreams, "keys",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_SINGLE_STREAMS", everywhere),
            "Export these streams, with their groups and consumers."
        ),
        .toggle(
            "streams-exclude-consumer-metrics", \.checks.excludesConsumers,
            .inherited(.keys, "REDIS_EXPORTER_STREAMS_EXCLUDE_CONSUMER_METRICS", everywhere),
            "Leave the consumers of streams out."
        ),
        .keyList(
            "count-keys", \.checks.countKeys, "patterns",
            .inherited(.keys, "REDIS_EXPORTER_COUNT_KEYS", everywhere),
            "Export how many keys match: db3=sessions*,db0=cart:*. Scans."
        ),
        .value(
            "check-keys-batch-size", \.checks.keysBatchSize, "number",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_KEYS_BATCH_SIZE", everywhere),
            "COUNT of the scans."
        ),
        .commaList(
            "check-key-groups", \.checks.keyGroups, "patterns",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_KEY_GROUPS", everywhere),
            "Lua patterns, separated by commas; keys are counted and measured by what a pattern captures. Scans all."
        ),
        .value(
            "max-distinct-key-groups", \.checks.maxDistinctKeyGroups, "number",
            .inherited(.keys, "REDIS_EXPORTER_MAX_DISTINCT_KEY_GROUPS", everywhere),
            "The most groups of keys per database; the rest is exported as 'overflow'."
        ),
        .toggle(
            "disable-exporting-key-values", \.checks.excludesKeyValues,
            .inherited(.keys, "REDIS_EXPORTER_DISABLE_EXPORTING_KEY_VALUES", everywhere),
            "Do not export the values of keys, only sizes."
        ),
        .toggle(
            "skip-checkkeys-for-role-master", \.checks.skipsMasters,
            .inherited(.keys, "REDIS_EXPORTER_SKIP_CHECKKEYS_FOR_ROLE_MASTER", everywhere),
            "Check keys and streams on replicas only."
        ),
        .commaList(
            "script", \.scriptFiles, "files", .inherited(.keys, "REDIS_EXPORTER_SCRIPT", everywhere),
            "Lua scripts to run on the server, whose replies are names and numbers in turn."
        ),
        .toggle(
            "lua-script-read-only", \.checks.runsScriptsReadOnly,
            .inherited(.keys, "REDIS_EXPORTER_LUA_SCRIPT_READ_ONLY", everywhere),
            "Run the scripts with EVAL_RO."
        ),
        .toggle(
            "include-search-indexes-metrics", \.includesSearchIndexes,
            .inherited(.keys, "REDIS_EXPORTER_INCL_SEARCH_INDEXES_METRICS", everywhere),
            "Export the indexes of the search module."
        ),
        .value(
            "check-search-indexes", \.searchIndexPattern, "regex",
            .inherited(.keys, "REDIS_EXPORTER_CHECK_SEARCH_INDEXES", everywhere),
            "Which search indexes."
        ),
        .duration(
            "check-interval", \.checkInterval, atLeast: .seconds(1), .own(.keys, everywhere),
            "Time between two checks of keys, streams, scripts and indexes, which run beside the polls."
        ),
        .value(
            "check-budget", \.checks.budget, "share", .own(.keys, everywhere),
            "Share of a server's time that these checks may take: 0.01 is 10 ms a second."
        ),
    ]

    private static let polls: [OptionRow] = [
        .optionalDuration(
            "poll-interval", \.targetDefaults.pollInterval, atLeast: .milliseconds(100), default: "15s", .own(.polls),
            "Time between two polls of a server."
        ),
        .optionalDuration(
            "history", \.daemon.history, default: "1h", .own(.polls), "How long samples are kept in memory."
        ),
        .optional(
            "history-max-bytes", \.daemon.historyMaxBytes, "bytes", .own(.polls),
            "Memory that samples may use; the oldest go when it is reached. No limit if not given."
        ),
        .value(
            "series-limit", \.seriesLimits.perNode, "number", .own(.polls, everywhere),
            "The most series of a server; what is more is dropped and counted in redstart_series_dropped_total."
        ),
        .value(
            "family-series-limit", \.seriesLimits.perFamily, "number", .own(.polls, everywhere),
            "The most series of one metric of a server."
        ),
        .list(
            "rules", \.ruleFiles, "file", .own(.polls, [.serve, .check]),
            "Rule file of Prometheus, or a pattern such as 'rules/*.yml', instead of the bundled rules; repeatable."
        ),
        .optionalDuration(
            "evaluation-interval", \.daemon.evaluationInterval, atLeast: .seconds(1), default: "15s",
            .own(.polls, [.serve, .check]),
            "Time between two evaluations of groups that do not say."
        ),
    ]

    private static let queries: [OptionRow] = [
        .duration(
            "query.timeout", \.queries.timeout, atLeast: .milliseconds(1), .own(.queries),
            "Longest time a query may take, waiting for its turn included."
        ),
        .value(
            "query.max-concurrency", \.queries.maximumConcurrency, "number", .own(.queries),
            "Queries that run at once; others wait."
        ),
        .value(
            "query.max-samples", \.queries.maximumSamples, "number", .own(.queries),
            "Samples that one query may hold in memory."
        ),
        .duration(
            "query.lookback-delta", \.queries.lookback, atLeast: .milliseconds(1), .own(.queries),
            "How far back a query looks for the latest sample."
        ),
        .list(
            "enable-feature", \.queries.features, "feature", .own(.queries),
            "Features of PromQL: promql-experimental-functions, promql-duration-expr; repeatable."
        ),
    ]

    private static let web: [OptionRow] = [
        .optional(
            "web.listen-address", \.daemon.listenAddress, "address", default: "0.0.0.0:9121",
            .inherited(.web, "REDIS_EXPORTER_WEB_LISTEN_ADDRESS"),
            "Where to listen for HTTP: host:port, or :port for all interfaces."
        ),
        .value(
            "web.telemetry-path", \.metricsPath, "path", .inherited(.web, "REDIS_EXPORTER_WEB_TELEMETRY_PATH"),
            "Path of the metrics."
        ),
        .optionalDuration(
            "scrape-max-age", \.daemon.scrapeMaxAge, default: "1s", .own(.web),
            "/metrics serves the last poll if it is younger than this, else polls; 0s is always fresh."
        ),
        .list(
            "scrape-allow", \.scrapeAllow, "pattern", .own(.web),
            "Further servers that /scrape may reach, such as 'redis://10.*:6379'; repeatable. No password goes there."
        ),
        .toggle(
            "disable-scrape-endpoint", \.disablesScrapeEndpoint,
            .inherited(.web, "REDIS_EXPORTER_DISABLE_SCRAPE_ENDPOINT"),
            "No /scrape."
        ),
        .value(
            "namespace", \.namespace, "word", .inherited(.web, "REDIS_EXPORTER_NAMESPACE", [.serve, .metrics]),
            "What the names of exposed metrics begin with; rules and queries here go on with redis_."
        ),
        .toggle(
            "redis-only-metrics", \.redisOnlyMetrics, .inherited(.web, "REDIS_EXPORTER_REDIS_ONLY_METRICS"),
            "Leave the metrics of Redstart itself out of what is exposed."
        ),
        .toggle(
            "append-instance-role-label", \.appendsInstanceRole,
            .inherited(.web, "REDIS_EXPORTER_APPEND_INSTANCE_ROLE_LABEL"),
            "Give each exposed series of a server its role as the label instance_role."
        ),
        .optional(
            "tls-server-cert-file", \.serverTLS.certificate, "file",
            .inherited(.web, "REDIS_EXPORTER_TLS_SERVER_CERT_FILE"),
            "PEM file with the certificate to serve HTTPS with; read again when it changes."
        ),
        .optional(
            "tls-server-key-file", \.serverTLS.key, "file", .inherited(.web, "REDIS_EXPORTER_TLS_SERVER_KEY_FILE"),
            "PEM file with the key of that certificate."
        ),
        .optional(
            "tls-server-ca-cert-file", \.serverTLS.clientAuthority, "file",
            .inherited(.web, "REDIS_EXPORTER_TLS_SERVER_CA_CERT_FILE"),
            "PEM file with authorities; clients must show a certificate of theirs."
        ),
        .value(
            "tls-server-min-version", \.serverTLS.minimumVersion, "version",
            .inherited(.web, "REDIS_EXPORTER_TLS_SERVER_MIN_VERSION"),
            "The oldest TLS to accept: TLS1.0, TLS1.1, TLS1.2 or TLS1.3."
        ),
        .optional(
            "basic-auth-username", \.basicAuth.user, "name", .inherited(.web, "REDIS_EXPORTER_BASIC_AUTH_USERNAME"),
            "User that HTTP clients must be; with it goes one of the passwords."
        ),
        .optional(
            "basic-auth-password", \.basicAuth.password, "password", isSecret: true,
            .inherited(.web, "REDIS_EXPORTER_BASIC_AUTH_PASSWORD"),
            "Password that HTTP clients must have."
        ),
        .optional(
            "basic-auth-hash-password", \.basicAuth.passwordHash, "hash", isSecret: true,
            .inherited(.web, "REDIS_EXPORTER_BASIC_AUTH_HASH_PASSWORD"),
            "The same as a bcrypt hash."
        ),
        .optional(
            "web.config.file", \.webConfigurationFile, "file", .own(.web, alias: "web-config-file"),
            "Prometheus' web.yml: HTTPS, client certificates, users and header fields; in the place of the above."
        ),
    ]

    private static let notifications: [OptionRow] = [
        .list(
            "alertmanager.url", \.notifications.alertmanagers, "url", .own(.notifications),
            "An Alertmanager that gets every alert: http://host:9093; repeatable."
        ),
        .list(
            "webhook.url", \.notifications.webhooks, "url", .own(.notifications),
            "A webhook that gets messages in the format of Alertmanager, grouped by alert; repeatable."
        ),
        .duration(
            "notify-group-wait", \.notifications.groupWait, .own(.notifications),
            "Time from the first alert of a group to its first message, for --webhook.url."
        ),
        .duration(
            "notify-group-interval", \.notifications.groupInterval, atLeast: .milliseconds(100), .own(.notifications),
            "Time from one message of a group to the next that has news, for --webhook.url."
        ),
        .duration(
            "notify-give-up", \.notifications.giveUp, atLeast: .seconds(1), .own(.notifications),
            "How long a message is tried to be delivered."
        ),
        .optional(
            "web.external-url", \.notifications.externalURL, "url", .own(.notifications),
            "Address under which people reach Redstart, for links in messages."
        ),
        .toggle(
            "web.enable-admin", \.notifications.allowsChanges, .own(.notifications),
            "Allow changes over HTTP: making and ending silences."
        ),
    ]

    private static let state: [OptionRow] = [
        .optional(
            "config.file", \.configurationFile, "file", .own(.state, alias: "config"),
            "YAML file with targets and settings; options come before it, and their targets are added to it."
        ),
        .optional(
            "state-dir", \.daemon.stateDirectory, "dir", .own(.state, [.serve, .check]),
            """
            Folder for what outlives a restart, or goes from one check to the next: history, alerts and their journal. \
            In memory only if not given.
            """
        ),
        .optionalDuration(
            "state-snapshot-interval", \.daemon.snapshotInterval, atLeast: .milliseconds(100), default: "5m",
            .own(.state),
            "Time between two snapshots of the history in the state folder."
        ),
        .value(
            "log-level", \.logLevels, "level", .inherited(.state, "REDIS_EXPORTER_LOG_LEVEL"),
            """
            Least severe messages to log: trace, debug, info, notice, warning, error, critical; of single modules \
            otherwise: info,fleet=debug.
            """
        ),
        .toggle("debug", \.debug, .inherited(.state, "REDIS_EXPORTER_DEBUG"), "The same as --log-level debug."),
        .value(
            "log-format", \.logFormat, "format", .inherited(.state, "REDIS_EXPORTER_LOG_FORMAT"),
            "How to log: txt, json for one object a line, or logfmt for key=value."
        ),
        .duration(
            "shutdown-timeout", \.shutdownTimeout, atLeast: .milliseconds(100), .own(.state),
            "How long the end may take: requests are answered and messages and samples sent until then."
        ),
        .duration(
            "shutdown-delay", \.shutdownDelay, .own(.state),
            "Time from SIGTERM to the end of the listener, in which /-/ready says 503: for load balancers."
        ),
        .optional(
            "otlp-traces-endpoint", \.traces.endpoint, "url",
            .own(.state, variable: "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"),
            "Send spans of polls, rule groups and messages there by OTLP over HTTP: http://host:4318/v1/traces."
        ),
        .optional(
            "otlp-traces-headers", \.traces.headers, "list", isSecret: true,
            .own(.state, variable: "OTEL_EXPORTER_OTLP_TRACES_HEADERS"),
            "Header fields for it, as OpenTelemetry has them: name=value,name=value with %-escapes."
        ),
        .value(
            "otlp-traces-ratio", \.traces.ratio, "share", .own(.state, variable: "OTEL_TRACES_SAMPLER_ARG"),
            "Share of the traces that are sent, from 0 to 1."
        ),
        .value(
            "otlp-service-name", \.traces.serviceName, "name", .own(.state, variable: "OTEL_SERVICE_NAME"),
            "What the spans call this program (service.name)."
        ),
        .toggle(
            "log-slowlog", \.logsSlowCommands, .own(.state),
            "Write each new entry of the servers' slow logs to the log."
        ),
        .version,
    ]

    private static let oneShot: [OptionRow] = [
        .optional(
            "url", \.daemonURL, "url", .own(.check, [.check]),
            "Ask a running daemon, such as http://localhost:9121, which alerts fire."
        ),
        .duration(
            "window", \.window, atLeast: .seconds(1), .own(.check, [.check]),
            "How long to watch, polling once a second."
        ),
        .value(
            "format", \.reportFormat, "format", .own(.check, [.check], variable: "REDSTART_CHECK_FORMAT"),
            "text, json, or nagios for a Nagios plugin's output."
        ),
        .value(
            "format", \.topologyFormat, "format", .own(.check, [.discover], variable: "REDSTART_DISCOVER_FORMAT"),
            "text, or json as of /api/redstart/v1/topology."
        ),
        .value(
            "format", \.findingsFormat, "format", .own(.check, [.doctor], variable: "REDSTART_DOCTOR_FORMAT"),
            "text, or json for programs."
        ),
    ]

    private static let withoutEffect: [OptionRow] = [
        .ignored(
            "include-go-runtime-metrics", .toggle, "REDIS_EXPORTER_INCLUDE_GO_RUNTIME_METRICS",
            "There is no Go runtime here."
        ),
        .ignored(
            "redact-config-metrics", .toggle, default: "true", "REDIS_EXPORTER_REDACT_CONFIG_METRICS",
            "Secrets of CONFIG are never exported."
        ),
    ]
}
