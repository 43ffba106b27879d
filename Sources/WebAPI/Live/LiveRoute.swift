import HTTPServer
import JSON
import Metrics
import RedisFleet

/// `/api/redstart/v1/live`: what has changed, as server-sent events, at most one a second.
struct LiveRoute: Sendable {
    /// The time between two looks at what has changed.
    private static let interval: Duration = .seconds(1)
    /// A message goes out at least this often, so that a page sees that it is still told.
    private static let longestSilence = 5

    let feed: LiveFeed
    let fleet: Fleet
    let alerts: AlertsDocument

    func respond(to request: HTTPRequest) -> HTTPResponse {
        guard let messages = feed.messages() else {
            return .text(.serviceUnavailable, "\(LiveFeed.readerLimit) pages are open already; close one.")
        }
        return HTTPResponse(
            .ok,
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-store",
                // Proxies such as nginx would collect the messages.
                "X-Accel-Buffering": "no",
            ],
            body: .events { writer in
                // The browser's pause before it connects again, and a first byte that says the stream is open.
                try await writer.write(Array("retry: 2000\n\n".utf8))
                for await message in messages { try await writer.write(message) }
            }
        )
    }

    /// Makes and sends messages until the task is cancelled; does nothing while nobody reads.
    func run() async {
        var state = State(lastEvent: fleet.events(limit: 0).last)
        while (try? await Task.sleep(for: Self.interval)) != nil {
            guard feed.hasReaders else {
                state.lastEvent = fleet.events(after: .max).last
                state.quietRounds = Self.longestSilence
                continue
            }
            if let message = await message(&state) { feed.send(message) }
        }
        feed.end()
    }

    /// What was told last.
    private struct State {
        var lastEvent: Int
        var alerts: [UInt8] = []
        var revision: AlertsDocument.Revision?
        var number = 0
        var quietRounds = 0
    }

    /// The next message; `nil` where there is nothing to tell.
    private func message(_ state: inout State) async -> [UInt8]? {
        let polls = feed.takePolls()
        let known = fleet.events(after: state.lastEvent)
        let revision = await alerts.revision()
        let document = revision == state.revision ? state.alerts : await alerts.render()
        let hasNewAlerts = document != state.alerts
        state.quietRounds += 1
        guard !polls.isEmpty || !known.events.isEmpty || hasNewAlerts || state.quietRounds >= Self.longestSilence else {
            return nil
        }
        state.quietRounds = 0
        state.lastEvent = known.last
        state.revision = revision
        state.alerts = document
        state.number += 1
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("number", state.number)
            writer.key("time")
            PrometheusTime.append(WallClock.milliseconds(), to: &writer)
            writer.key("polls")
            writer.object { writer in
                for (instance, reason) in polls { writer.member(instance, reason) }
            }
            writer.member("lastEvent", known.last)
            writer.key("events")
            writer.array(of: known.events.suffix(100)) { EventWriter.write($1, to: &$0) }
            if hasNewAlerts {
                writer.key("alerts")
                writer.raw(document)
            }
        }
        return Array("data: ".utf8) + writer.bytes + Array("\n\n".utf8)
    }
}
