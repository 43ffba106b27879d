import Alerting
import Logging
import Metrics
import NIOCore
import NIOHTTP1
import NIOPosix
import PromQL
import RedisClient
import RedisFleet
import TimeSeriesStore

@testable import HTTPServer
@testable import WebAPI

/// All endpoints over a store of the test's own, asked without a socket: requests are taken apart and routed by the
/// server's code, the handlers are those of the daemon.
struct APIUnderTest {
    let store: TimeSeriesStore
    let fleet: Fleet
    let router: Router

    /// An answer with its body as text.
    struct Answer {
        let status: Int
        let contentType: String
        let text: String
    }

    init(
        nodes: [String] = [],
        groups: [RuleGroupEvaluation] = [],
        configuration: String = "",
        flags: [String: String] = [:],
        queries: QueryConfiguration = QueryConfiguration()
    ) throws {
        var catalog = MetricCatalog()
        let families = FleetFamilies(catalog: &catalog)
        let selfFamilies = SelfMetrics.Families(catalog: &catalog)
        let store = TimeSeriesStore(
            keys: SeriesKeyTable(catalog: catalog),
            configuration: StoreConfiguration(history: .seconds(3600))
        )
        self.store = store
        fleet = Fleet(
            nodes: try nodes.map {
                NodeConfiguration(
                    connection: ConnectionOptions(address: try TargetAddress($0)),
                    pollTimeout: .seconds(2)
                )
            },
            table: store.keys,
            families: families,
            eventLoops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            deliver: { _ in }
        )
        let api = WebAPI(
            fleet: fleet,
            exposition: TextExposition(table: store.keys),
            selfMetrics: SelfMetrics(families: selfFamilies, version: "1.2.3", store: store) { nil },
            scrapeMaxAge: .seconds(1),
            source: StoreSeriesSource(store),
            queryConfiguration: queries,
            configuration: { configuration },
            flags: flags,
            ruleGroups: { groups }
        )
        router = try Router(api.routes)
    }

    /// Adds a series with its samples, in a group of its own; times in milliseconds.
    func add(_ name: String, _ labels: [(String, String)] = [], _ samples: [(Int64, Double)]) throws {
        let group = store.addGroup(labels: Labels(labels))
        let key = store.keys.intern(Labels([("__name__", name)]))
        defer { store.keys.release([key]) }
        for (timestamp, value) in samples {
            try store.append(keys: [key], values: [value], at: timestamp, to: group)
        }
    }

    /// Asks by GET; the target is encoded here.
    func get(_ path: String, _ items: [(String, String)] = []) async -> Answer {
        await ask(.GET, items.isEmpty ? path : path + "?" + Self.form(items), body: "")
    }

    /// Asks by POST, with the items as a form.
    func post(_ path: String, _ items: [(String, String)]) async -> Answer {
        await ask(.POST, path, body: Self.form(items))
    }

    private func ask(_ method: HTTPMethod, _ target: String, body: String) async -> Answer {
        var headers = HTTPHeaders()
        if !body.isEmpty { headers.add(name: "content-type", value: "application/x-www-form-urlencoded") }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: target, headers: headers)
        var received = ReceivedRequest(head: head, isLast: true)
        received.append(ByteBuffer(string: body))
        let response =
            switch received.resolve(in: router, remoteAddress: "127.0.0.1") {
            case .response(let response): response
            case .route(let route, let request): await route.handler(request)
            }
        let bytes: [UInt8]
        switch response.body {
        case .bytes(let own): bytes = own
        case .shared(let body): bytes = body.bytes
        case .stream, .events: return Answer(status: 0, contentType: "", text: "streamed")
        }
        return Answer(
            status: response.status.code,
            contentType: response.headers.first("content-type") ?? "",
            text: String(decoding: bytes, as: UTF8.self)
        )
    }

    /// `name=value&…`, everything but letters and digits encoded.
    static func form(_ items: [(String, String)]) -> String {
        items.map { "\(encoded($0.0))=\(encoded($0.1))" }.joined(separator: "&")
    }

    private static func encoded(_ text: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF")
        return text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            if character.isASCII, character.isLetter || character.isNumber { return String(character) }
            return "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
        }.joined()
    }
}

extension APIUnderTest.Answer {
    /// The `data` of a successful answer as it stands there; the whole text for any other.
    var data: String {
        let start = #"{"status":"success","data":"#
        guard text.hasPrefix(start), text.hasSuffix("}") else { return text }
        return String(text.dropFirst(start.count).dropLast())
    }

    /// `type: message` of an error; the whole text for anything else.
    var error: String {
        let start = #"{"status":"error","errorType":""#
        guard text.hasPrefix(start), text.hasSuffix("\"}") else { return text }
        let parts = text.dropFirst(start.count).dropLast(2).split(separator: "\",\"error\":\"", maxSplits: 1)
        return parts.joined(separator: ": ")
    }
}
