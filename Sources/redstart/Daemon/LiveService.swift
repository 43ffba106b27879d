import ServiceLifecycle
import WebAPI

/// Tells the pages that are open what has changed.
///
/// A class, as the service group describes each service for its log: a struct with all that it holds, which took 80 ms
/// of every start.
final class LiveService: Service {
    private let api: WebAPI

    init(api: WebAPI) {
        self.api = api
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { await self.api.runLive() }
    }
}
