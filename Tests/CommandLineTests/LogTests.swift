import Logging
import Synchronization
import Testing

@testable import redstart

@Suite("The log")
struct LogTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func write(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    @Test("A module has its own level, the others the one for all; a new table holds at once")
    func levels() throws {
        let lines = Lines()
        let levels = try #require(LogLevels(optionText: "warn, fleet=debug,remote_write=error"))
        let log = Log(levels, format: .logfmt, write: lines.write)
        let (fleet, web) = (log.logger(.fleet), log.logger(.web))
        fleet.debug("one")
        web.notice("two")
        web.warning("three")
        log.logger(.remoteWrite).warning("four")
        #expect(lines.all.map { $0.contains("msg=one") || $0.contains("msg=three") } == [true, true])
        log.levels.replace(with: LogLevels())
        fleet.debug("five")
        web.info("six")
        #expect(lines.all.count == 3 && lines.all[2].contains("level=info module=web msg=six"))
    }

    @Test(
        "Wrong levels and modules are refused",
        arguments: [
            "", "loud", "info,loud", "info,fleets=debug", "fleet=", "fleet=loud", "=debug", "info,debug",
            "fleet=debug,fleet=info", "info,",
        ]
    )
    func refused(_ text: String) {
        #expect(LogLevels(optionText: text) == nil)
    }

    @Test("What is given is shown again", arguments: ["info", "warning,alerting=debug,web=trace"])
    func shown(_ text: String) {
        #expect(LogLevels(optionText: text)?.optionText == text)
    }

    @Test("logfmt and JSON have one line for each message, whatever is in it")
    func formats() throws {
        for (format, expected) in [
            (
                LogFormat.logfmt,
                #"level=notice module=state msg="a \"b\"\nc" bell="\u0007" empty="" path=/var/lib place=a:1 why="x=y""#
            ),
            (
                .json,
                #""bell":"\u0007","empty":"","level":"notice","module":"state","msg":"a \"b\"\nc","path":"/var/lib""#
            ),
        ] {
            let lines = Lines()
            let logger = Log(LogLevels(), format: format, write: lines.write).logger(.state)
            logger.notice(
                "a \"b\"\nc",
                metadata: ["why": "x=y", "place": "a:1", "empty": "", "bell": "\u{7}", "path": "/var/lib"]
            )
            let line = try #require(lines.all.first)
            #expect(lines.all.count == 1 && line.hasSuffix("\n") && line.dropLast().allSatisfy { !$0.isNewline })
            #expect(line.contains(expected), "\(line)")
        }
    }
}
