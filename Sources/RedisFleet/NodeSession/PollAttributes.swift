import RedisClient
import Tracing

/// What spans of polls say, by the semantic conventions of OpenTelemetry for databases
/// (<https://opentelemetry.io/docs/specs/semconv/database/redis/>).
enum PollAttributes {
    static func ofServer(_ endpoint: Endpoint) -> [SpanAttribute] {
        let system = SpanAttribute("db.system.name", "redis")
        switch endpoint {
        case .tcp(let host, let port):
            return [system, SpanAttribute("server.address", host), SpanAttribute("server.port", port)]
        case .unix(let path):
            return [system, SpanAttribute("server.address", path), SpanAttribute("network.transport", "unix")]
        }
    }

    static func ofPipeline(_ commands: Int) -> [SpanAttribute] {
        [SpanAttribute("db.operation.name", "PIPELINE"), SpanAttribute("db.operation.batch.size", commands)]
    }

    static func ofDeployment(_ name: String) -> [SpanAttribute] {
        name.isEmpty ? [] : [SpanAttribute("redstart.deployment", name)]
    }

    static func ofError(_ error: RedisError?) -> [SpanAttribute] {
        error.map { [SpanAttribute("error.type", $0.reason.rawValue)] } ?? []
    }
}
