import ServiceLifecycle
import WebAPI

/// Tells the pages that are open what has changed.
struct LiveService: Service {
    let api: WebAPI

    func run() async throws {
        await cancelWhenGracefulShutdown { await api.runLive() }
    }
}
