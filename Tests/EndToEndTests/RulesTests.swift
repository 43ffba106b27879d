import TestServers
import Testing

@Suite("redstart rules", .serialized)
struct RulesTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func rules(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        try await RedstartProcess.run(["rules"] + arguments)
    }

    @Test("list shows the bundled rules as a table and for programs, or those of files")
    func list() async throws {
        let table = try await rules(["list"])
        #expect(table.code == 0)
        #expect(table.output.hasPrefix("RULE "))
        #expect(table.output.contains("\nRedisDown ") && table.output.contains(" redis_up == 0\n"))
        let json = try await rules(["list", "--format", "json"])
        #expect(json.output.contains(#""name" : "RedisDown""#) && json.output.contains(#""duration" : 60"#))
        let file = try directory.write(
            "groups: [{name: g, rules: [{record: 'a:b', expr: 'sum(  redis_up)'}]}]", to: "own.yml")
        let own = try await rules(["list", file])
        #expect(own.output.split(separator: "\n").count == 2)
        #expect(own.output.hasSuffix("a:b   recording                 g      sum( redis_up)\n"))
    }

    @Test("check warns of metrics that are not there, of missing runbooks and of labels, and exits with 0")
    func warnings() async throws {
        let file = try directory.write(
            """
            groups:
              - name: g
                rules:
                  - record: redis:up:sum
                    expr: sum(redis_up)
                  - alert: Misspelt
                    expr: redis_memory_usd_bytes > 1 and redis:up:sum > 0
                    labels: {severity: sever, instance: all, load: '{{ $value }}'}
                    annotations: {summary: x, runbook_url: /runbooks/Misspelt}
                  - alert: Bare
                    expr: redis_up == 0
            """,
            to: "own.rules.yml"
        )
        let text = try await rules(["check", file])
        #expect(text.code == 0, "\(text.output)")
        for message in [
            "own.rules.yml:6:9: warning: Misspelt: there is no metric redis_memory_usd_bytes; is redis_memory_used_bytes",
            "Misspelt: severity `sever` counts as none", "label `instance` replaces that of the series",
            "label `load` has the value in it", "there is no runbook /runbooks/Misspelt",
            "warning: Bare: has no label `severity`", "Bare: has no annotation `summary`",
            "Bare: has no annotation `runbook_url`", "1 groups with 3 rules: no mistake found, 8 warnings.",
        ] {
            #expect(text.output.contains(message), "\(message)\n\(text.output)")
        }
        #expect(try await rules(["check", "--strict", file]).code == 1)
        let json = try await rules(["check", "--format", "json", file])
        #expect(json.output.contains(#""isUsable" : true"#) && json.output.contains(#""line" : 6"#))
    }

    @Test("check tells mistakes with their places and exits with 1, in both formats; the bundled rules are clean")
    func mistakes() async throws {
        let file = try directory.write(
            "groups:\n  - name: g\n    rules:\n      - alert: A\n        expr: sum(\n", to: "broken.yml")
        let text = try await rules(["check", file])
        #expect(text.code == 1)
        #expect(text.output.contains("broken.yml:5:"))
        let json = try await rules(["check", "--format", "json", file])
        #expect(json.code == 1)
        #expect(json.output.contains(#""severity" : "error""#) && json.output.contains(#""line" : 5"#))
        #expect(try await rules(["check", directory.file("nothing.yml")]).code == 1)
        let own = try await rules(["check", "--strict", Self.bundled])
        #expect(own.code == 0, "\(own.output)")
    }

    @Test("test takes a folder with the rules in it, and shows what differs")
    func folder() async throws {
        let bundled = try await rules(["test", Self.bundled])
        #expect(bundled.code == 0, "\(bundled.output)")
        #expect(bundled.output.contains("memory.test.yml: "))
        try directory.write(
            """
            tests:
              - input_series: [{series: 'a{x="1"}', values: '1 2'}]
                promql_expr_test:
                  - {expr: a, eval_time: 1m, exp_samples: [{labels: 'a{x="1"}', value: 3}]}
            """,
            to: "own.test.yml"
        )
        let own = try await rules(["test", directory.path])
        #expect(own.code == 1)
        #expect(own.output.contains("own.test.yml:4:"))
        #expect(own.output.contains("- a{x=\"1\"} 3\n") && own.output.contains("+ a{x=\"1\"} 2\n"))
        let junit = try await rules(["test", "--format", "junit", directory.path])
        #expect(junit.output.contains(#"tests="1" failures="1""#))
        #expect(try await rules(["test", try TemporaryDirectory().path]).code != 0)
    }

    /// The folder `rules` of the project.
    private static var bundled: String {
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/") + "/rules"
    }
}
