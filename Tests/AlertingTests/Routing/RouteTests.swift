import Metrics
import Outbound
import PromQL
import Testing
import YAML

@testable import Alerting

@Suite("Routes, matchers and inhibition, as Alertmanager documents them")
struct RouteTests {
    private static let receivers: Set<String> = ["default", "database", "cache", "night"]

    private func route(_ text: String) throws -> AlertRoute {
        let node = try #require(try YAMLDocument.parse(Array(text.utf8), file: "redstart.yml"))
        return try AlertRoute(node, receivers: Self.receivers)
    }

    private func problem(_ text: String) -> String {
        do {
            _ = try route(text)
            return ""
        } catch {
            return "\(error)"
        }
    }

    private func labels(_ pairs: (String, String)...) -> Labels {
        Labels(pairs)
    }

    private static let tree = """
        receiver: default
        group_by: [alertname, cluster]
        group_wait: 10s
        routes:
          - receiver: database
            matchers: ['service=~"mysql|cassandra"']
            group_interval: 1m
            routes:
              - receiver: night
                matchers: [severity = info]
          - matchers: ['team = "frontend"']
            continue: true
            receiver: cache
            group_by: ['...']
          - match: {team: frontend}
            receiver: night
        """

    @Test("An alert goes to the deepest node that matches, further only past `continue`, else stays")
    func ways() throws {
        let tree = try route(Self.tree)
        func receivers(_ pairs: (String, String)...) -> [String] {
            tree.destinations(of: Labels(pairs)).map(\.receiver)
        }
        #expect(receivers(("service", "mysql")) == ["database"])
        #expect(receivers(("service", "mysql"), ("severity", "info")) == ["night"])
        #expect(receivers(("service", "mysqld")) == ["default"])
        #expect(receivers(("team", "frontend")) == ["cache", "night"])
        #expect(receivers() == ["default"])
    }

    @Test("A node inherits what it does not say; grouping takes the labels that are there")
    func inheritance() throws {
        let tree = try route(Self.tree)
        let night = try #require(tree.destinations(of: labels(("service", "mysql"), ("severity", "info"))).first)
        #expect(night.timing == AlertRoute.Timing(groupWait: 10_000, groupInterval: 60_000))
        #expect(night.grouping == .labels(["alertname", "cluster"]))
        let alert = labels(("alertname", "A"), ("instance", "x"))
        #expect(night.grouping.labels(of: alert) == labels(("alertname", "A")))
        let all = try #require(tree.destinations(of: labels(("team", "frontend"))).first)
        #expect(all.grouping.labels(of: alert) == alert)
        let ids = tree.destinations(of: labels(("team", "frontend"))).map(\.id)
        #expect(Set(ids).count == 2)
    }

    @Test("Mistakes are told with their place and what was probably meant")
    func mistakes() {
        let misspelt = "there is no receiver `databse`, did you mean `database`?; expected one of `receivers`"
        #expect(problem("receiver: databse") == "redstart.yml:1:11: " + misspelt)
        let unknown = "redstart.yml:2:1: field `groupby` is not known in a route, did you mean `group_by`?"
        #expect(problem("receiver: default\ngroupby: [a]").contains(unknown))
        #expect(problem("group_by: [a]").contains("has no `receiver`"))
        #expect(problem("receiver: default\ngroup_interval: 0s").contains("2:17: the duration is 0"))
        #expect(problem("receiver: default\nmatchers: [a=b]").contains("the first route has matchers"))
        let regex = "receiver: default\nroutes: [{matchers: ['a=~\"(\"']}]"
        #expect(problem(regex).contains("2:22: `a=~\"(\"` is no matcher"))
    }

    @Test("A matcher is read with and without quotes, spaces and braces")
    func matcherTexts() throws {
        #expect(try MatcherText.parse(#"a="b""#).map(\.description) == [#"a="b""#])
        let braced = try MatcherText.parse(#"{ a = b , c!~"x|\"y\"" }"#)
        #expect(braced.map(\.description) == [#"a="b""#, #"c!~"x|\"y\"""#])
        #expect(try MatcherText.parse("a!=").map(\.description) == [#"a!="""#])
        for bad in ["", "{}", "a", "=b", "a=\"b", "{a=b", "a=b c=d", "1a=b", "a=~\"(\"", "a=b}"] {
            #expect(throws: MatcherText.Mistake.self, "\(bad)") { try MatcherText.parse(bad) }
        }
    }

    @Test("An alert that fires keeps others back where the labels agree, and lets them go when it ends")
    func inhibition() throws {
        var inhibitions = Inhibitions(InhibitionRule.standard)
        let down = labels(("alertname", "RedisDown"), ("instance", "a"))
        let lag = labels(("alertname", "RedisReplicationLagHigh"), ("instance", "a"))
        let other = labels(("alertname", "RedisReplicationLagHigh"), ("instance", "b"))
        #expect(!inhibitions.inhibit(lag))
        inhibitions.note(NotifiedAlert(key: down, startsAt: 1))
        #expect(inhibitions.inhibit(lag))
        #expect(!inhibitions.inhibit(other))
        #expect(!inhibitions.inhibit(down), "an alert does not keep itself back")
        inhibitions.note(NotifiedAlert(key: down, startsAt: 1, endsAt: 2))
        #expect(!inhibitions.inhibit(lag))
    }

    @Test("A cause keeps back its symptoms at the same server, and nothing else")
    func symptoms() {
        var inhibitions = Inhibitions(InhibitionRule.standard)
        inhibitions.note(
            NotifiedAlert(key: labels(("alertname", "RedisMemoryPressure"), ("instance", "a")), startsAt: 1))
        #expect(inhibitions.inhibit(labels(("alertname", "RedisMemoryCritical"), ("instance", "a"))))
        #expect(!inhibitions.inhibit(labels(("alertname", "RedisMemoryCritical"), ("instance", "b"))))
        #expect(!inhibitions.inhibit(labels(("alertname", "RedisSwapping"), ("instance", "a"))))
        #expect(!inhibitions.inhibit(labels(("alertname", "RedisMemoryPressure"), ("instance", "a"))))
    }

    @Test("Two alerts that match both sides do not silence each other; a missing label agrees with a missing one")
    func bothSides() throws {
        let node = try #require(
            try YAMLDocument.parse(
                Array("- {source_matchers: [x=~\"1|2\"], target_matchers: [x=~\"2|3\"], equal: [zone]}".utf8),
                file: "f"
            )
        )
        var inhibitions = Inhibitions(try InhibitionRule.list(node))
        inhibitions.note(NotifiedAlert(key: labels(("x", "2"), ("n", "1")), startsAt: 1))
        #expect(!inhibitions.inhibit(labels(("x", "2"), ("n", "2"))))
        #expect(inhibitions.inhibit(labels(("x", "3"))))
        #expect(!inhibitions.inhibit(labels(("x", "3"), ("zone", "eu"))))
        inhibitions.note(NotifiedAlert(key: labels(("x", "1")), startsAt: 1))
        #expect(inhibitions.inhibit(labels(("x", "2"), ("n", "2"))))
    }

    @Test("Relabelling does what Prometheus does")
    func relabelling() throws {
        func apply(_ rules: String, _ pairs: (String, String)...) throws -> Labels? {
            let node = try #require(try YAMLDocument.parse(Array(rules.utf8), file: "f"))
            return RelabelRule.apply(try RelabelRule.list(node), to: Labels(pairs))
        }
        let start = [("a", "x-1"), ("b", "Y")]
        #expect(try apply("[{source_labels: [a], regex: 'x-(.*)', target_label: n}]", start[0], start[1])?["n"] == "1")
        #expect(try apply("[{source_labels: [a, b], action: drop, regex: 'x-1;Y'}]", start[0], start[1]) == nil)
        #expect(try apply("[{source_labels: [a], action: keep, regex: x}]", start[0], start[1]) == nil)
        #expect(try apply("[{action: labeldrop, regex: a}]", start[0], start[1]) == labels(("b", "Y")))
        #expect(try apply("[{action: labelkeep, regex: a}]", start[0], start[1]) == labels(("a", "x-1")))
        #expect(try apply("[{action: labelmap, regex: '(a)', replacement: 'new_$1'}]", start[0])?["new_a"] == "x-1")
        #expect(try apply("[{action: lowercase, source_labels: [b], target_label: b}]", start[1])?["b"] == "y")
        #expect(try apply("[{source_labels: [a], target_label: a, replacement: ''}]", start[0]) == Labels())
        #expect(throws: YAMLError.self) { try apply("[{action: replce}]") }
        #expect(throws: YAMLError.self) { try apply("[{source_labels: [a]}]") }
    }
}
