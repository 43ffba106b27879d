import HTTPServer
import JSON
import Metrics
import RedisClient
import RedisCollectors
import RedisFleet

/// `/sd` and `/discover-cluster-nodes`: which servers there are, for the HTTP service discovery of Prometheus.
///
/// <https://prometheus.io/docs/prometheus/latest/http_sd/>
struct ServiceDiscoveryRoutes: Sendable {
    let fleet: Fleet
    let options: ExporterOptions

    /// Every node there is, each with its labels.
    ///
    /// As it stands Prometheus can use it without any relabelling: the target is this server, and the labels make it
    /// ask `/scrape` for the node. With `?targets=redis` the targets are the nodes' own addresses, as redis_exporter
    /// has them, for those who have its relabelling rules.
    func nodes(_ request: HTTPRequest) async -> HTTPResponse {
        let form = request.query.first("targets") ?? ""
        guard ["", "self", "redis"].contains(form) else {
            return .text(.badRequest, "'targets' is 'self' or 'redis': whom Prometheus is to ask")
        }
        let own = request.headers.first("host") ?? ""
        guard form == "redis" || !own.isEmpty else {
            return .text(.badRequest, "without a Host header this server does not know how it is reached")
        }
        let outcomes = Dictionary(await fleet.latestOutcomes().map { ($0.node, $0) }) { first, _ in first }
        let places = await places()
        var writer = JSONWriter()
        writer.array(of: fleet.watchedNodes) { writer, watched in
            let address = "\(watched.address.withoutDatabase)"
            var labels = labels(of: watched.node, outcomes[watched.node], places[watched.address.endpoint])
            labels.append(("__meta_redstart_address", address))
            if form != "redis" {
                labels.append(("__metrics_path__", "/scrape"))
                labels.append(("__param_target", address))
                labels.append(("__scheme__", options.usesTLS ? "https" : "http"))
                labels.append(("instance", watched.node.instance))
            }
            Self.write(targets: [form == "redis" ? address : own], labels: labels, to: &writer)
        }
        return HTTPResponse(contentType: "application/json", bytes: writer.bytes)
    }

    /// All nodes of the cluster as one group without labels, as redis_exporter has it.
    func clusterNodes(_ request: HTTPRequest) async -> HTTPResponse {
        guard fleet.hasClusterNodes else {
            return .text(
                .badRequest, "The discovery endpoint is only available on a redis cluster: start with --is-cluster")
        }
        guard let members = await fleet.clusterMembers(preferHostNames: options.prefersHostNames) else {
            return .text(.internalServerError, "No server answers CLUSTER NODES; /metrics says what is wrong with it")
        }
        var writer = JSONWriter()
        writer.array { writer in
            Self.write(targets: members.map { "\($0)" }, labels: [], to: &writer)
        }
        return HTTPResponse(contentType: "application/json", bytes: writer.bytes)
    }

    private func labels(
        of node: Node,
        _ outcome: PollOutcome?,
        _ place: Topology.Node?
    ) -> [(name: String, value: String)] {
        var labels: [(name: String, value: String)] = []
        node.labels.withEachPair { name, value in
            labels.append(
                (
                    "__meta_redstart_label_" + String(decoding: name, as: UTF8.self),
                    String(decoding: value, as: UTF8.self)
                )
            )
        }
        labels.append(("__meta_redstart_role", (outcome?.facts?.role ?? place?.role ?? .unknown).rawValue))
        labels.append(("__meta_redstart_up", outcome.map { $0.failure == nil ? "true" : "false" } ?? ""))
        labels.append(("__meta_redstart_product", outcome?.facts?.product.rawValue ?? ""))
        labels.append(("__meta_redstart_version", outcome?.facts?.version.description ?? place?.version ?? ""))
        labels.append(("__meta_redstart_deployment", place?.deployment ?? ""))
        labels.append(("__meta_redstart_shard", place?.shard ?? ""))
        return labels
    }

    private func places() async -> [Endpoint: Topology.Node] {
        var places: [Endpoint: Topology.Node] = [:]
        for topology in await fleet.topologies() {
            for node in topology.nodes { places[node.endpoint] = node }
        }
        return places
    }

    private static func write(
        targets: [String],
        labels: [(name: String, value: String)],
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("targets")
            writer.array(of: targets) { $0.string($1) }
            writer.key("labels")
            writer.object { writer in
                for label in labels { writer.member(label.name, label.value) }
            }
        }
    }
}

extension TargetAddress {
    /// The server, whichever database.
    fileprivate var withoutDatabase: TargetAddress {
        TargetAddress(scheme: scheme, endpoint: endpoint)
    }
}
