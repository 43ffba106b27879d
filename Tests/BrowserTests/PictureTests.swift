import Glibc
import TestServers
import Testing

/// The pictures of the README, made by `make images`: a fleet at work, a failover, and a node that is gone.
@Suite("Pictures for the README", .serialized, .enabled(if: getenv("REDSTART_IMAGES") != nil))
struct PictureTests {
    @Test("Three views after some minutes of work", .timeLimit(.minutes(10)))
    func pictures() async throws {
        let folder = String(cString: try #require(getenv("REDSTART_IMAGES")))
        let fleet = try await DemoFleet.start()
        let redstart = try await fleet.watch()
        let browser = try Browser(width: 1200, height: 860)
        let start = ContinuousClock.now
        var seconds: Duration { .now - start }
        var (hasFailedOver, isGone) = (false, false)
        while seconds < .seconds(210) {
            let work = Int(seconds.components.seconds)
            for server in [fleet.master] + fleet.replicas { try? Self.work(work, on: server) }
            if seconds > .seconds(60), !hasFailedOver {
                hasFailedOver = true
                let port = "\(fleet.sentinel.port)"
                _ = try? run("redis-cli", "-p", port, "SENTINEL", "FAILOVER", "shop", in: fleet.sentinel.directory)
            }
            if seconds > .seconds(100), !isGone {
                isGone = true
                fleet.cluster.nodes[5].process.kill()
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        let page = "http://127.0.0.1:\(redstart.port)/#"
        let node = fleet.master.address.replacing(":", with: "%3A")
        let views = [
            ("now", "/now?range=5m", "light", "document.querySelector('.alert .reading')"),
            ("topology", "/topology?range=5m", "light", "document.querySelectorAll('.graph .box').length > 2"),
            ("node", "/node/\(node)?range=5m", "dark", "document.querySelectorAll('.grid canvas').length > 6"),
        ]
        for (name, address, theme, ready) in views {
            try browser.prefer(theme: theme)
            try browser.open(page + address)
            try await browser.wait(for: ready)
            try await browser.wait(
                for: "[...document.querySelectorAll('.plot:not(.small) canvas')].slice(0, 6)"
                    + ".every(one => /Last values|took up to|Arrow/.test(one.getAttribute('aria-label')))"
            )
            try browser.keepScreenshot(at: "\(folder)/\(name).webp", ["format": "webp", "quality": 82])
        }
    }

    /// A few commands, more of them at times, and now and then a slow one.
    private static func work(_ second: Int, on server: RedisServer) throws {
        let loops = 200 + second % 40 * 20
        let script = """
            if redis.call('ROLE')[1] ~= 'master' then return end
            for i = 1, \(loops) do
              local key = 'page:' .. math.random(3000)
              if not redis.call('GET', key) then redis.call('SET', key, i, 'EX', 60) end
              redis.call('HINCRBY', 'user:' .. math.random(500), 'visits', 1)
            end
            """
        try server.tell("EVAL", script, "0")
    }
}
