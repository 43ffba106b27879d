import FoundationEssentials
import Glibc
import TestServers

/// A headless Chromium with one page, driven by the DevTools protocol over two pipes.
///
/// https://chromedevtools.github.io/devtools-protocol/
final class Browser {
    /// Starting takes this long on a machine that does other things.
    private static let patience = 90

    private let process: ServerProcess
    private let commands: Int32
    private let answers: Int32
    private var received: [UInt8] = []
    private var lastNumber = 0
    private var session: String?
    /// What the page has written to its console, and errors that nobody caught.
    private(set) var complaints: [String] = []

    /// Starts the browser with an empty page.
    init(width: Int = 1280, height: Int = 900) throws {
        guard isInstalled("chromium") else {
            throw TestServerError("cannot start chromium: it is not installed. The page is tested in a real browser.")
        }
        let directory = try TemporaryDirectory()
        commands = try Self.pipe("commands", in: directory)
        answers = try Self.pipe("answers", in: directory)
        process = try ServerProcess(
            "sh",
            [
                "-c", #"HOME="$PWD" TMPDIR="$PWD" exec chromium "$@" 3<commands 4>answers"#, "sh",
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-extensions",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
                "--disable-breakpad", "--force-color-profile=srgb", "--hide-scrollbars", "--lang=en",
                "--user-data-dir=\(directory.path)/profile", "--remote-debugging-pipe", "about:blank",
            ],
            in: directory
        )
        let target = try tell("Target.createTarget", ["url": "about:blank"])["targetId"]?.text ?? ""
        session = try tell("Target.attachToTarget", ["targetId": .string(target), "flatten": true])["sessionId"]?.text
        for domain in ["Page", "Runtime", "Log"] { try tell("\(domain).enable") }
        try resize(width, height)
        try prefer(theme: "light")
    }

    deinit {
        process.kill()
        close(commands)
        close(answers)
    }

    /// A named pipe, open at both ends so that opening it never waits.
    private static func pipe(_ name: String, in directory: TemporaryDirectory) throws -> Int32 {
        let path = directory.file(name)
        guard mkfifo(path, 0o600) == 0 else { throw TestServerError("mkfifo \(path): \(errno)") }
        let descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestServerError("open \(path): \(errno)") }
        return descriptor
    }

    // MARK: The protocol

    private struct Command: Encodable {
        let id: Int
        let method: String
        let params: JSONValue
        let sessionId: String?
    }

    /// Says a command and waits for its answer; what else the browser says meanwhile is noted.
    @discardableResult
    func tell(_ method: String, _ parameters: JSONValue = [:]) throws -> JSONValue {
        lastNumber += 1
        let command = Command(id: lastNumber, method: method, params: parameters, sessionId: session)
        try send(Array(try JSONEncoder().encode(command)) + [0])
        while true {
            let message = try receive()
            if message["id"]?.number == Double(lastNumber) {
                if let error = message["error"] { throw TestServerError("\(method): \(error)") }
                return message["result"] ?? .null
            }
            note(message)
        }
    }

    private func send(_ bytes: [UInt8]) throws {
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes { write(commands, $0.baseAddress, $0.count) }
            guard count > 0 else { throw TestServerError("cannot write to the browser: \(errno)") }
            start += count
        }
    }

    private func receive() throws -> JSONValue {
        let end = ContinuousClock.now + .seconds(Self.patience)
        while true {
            if let zero = received.firstIndex(of: 0) {
                let message = received[..<zero]
                received.removeSubrange(...zero)
                return try JSONDecoder().decode(JSONValue.self, from: Data(message))
            }
            var waiting = pollfd(fd: answers, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, 500) > 0 {
                var piece = [UInt8](repeating: 0, count: 1 << 20)
                let count = read(answers, &piece, piece.count)
                guard count > 0 else { throw TestServerError("cannot read from the browser: \(errno)") }
                received += piece[..<count]
            } else if !process.isRunning {
                throw TestServerError("the browser has ended:\n\(process.log.suffix(2000))")
            } else if .now > end {
                throw TestServerError(
                    "the browser has said nothing for \(Self.patience) s:\n\(process.log.suffix(2000))")
            }
        }
    }

    private func note(_ message: JSONValue) {
        let parameters = message["params"] ?? .null
        switch message["method"]?.text {
        case "Runtime.exceptionThrown": complaints.append("exception: \(parameters)")
        case "Runtime.consoleAPICalled" where ["error", "warning", "assert"].contains(parameters["type"]?.text):
            complaints.append("console: \(parameters["args"] ?? .null)")
        case "Log.entryAdded" where ["error", "warning"].contains(parameters["entry"]?["level"]?.text):
            complaints.append("log: \(parameters["entry"] ?? .null)")
        default: break
        }
    }

    // MARK: What a person does

    /// Opens an address.
    func open(_ url: String) throws {
        try tell("Page.navigate", ["url": .string(url)])
    }

    /// The value of an expression of JavaScript; a promise is waited for.
    @discardableResult
    func evaluate(_ script: String) throws -> JSONValue {
        let answer = try tell(
            "Runtime.evaluate",
            ["expression": .string(script), "awaitPromise": true, "returnByValue": true]
        )
        if let details = answer["exceptionDetails"] {
            throw TestServerError("\(script.prefix(200)): \(details["exception"]?["description"] ?? details)")
        }
        return answer["result"]?["value"] ?? .null
    }

    /// Waits until an expression is true; says what is on the page when it does not become so.
    func wait(for condition: String, seconds: Int = 60) async throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while (try? evaluate("Boolean(\(condition))")) != .bool(true) {
            guard .now < end else {
                let text = (try? evaluate("document.body.innerText.slice(0, 1500)"))?.text ?? ""
                throw TestServerError("\(seconds) s in vain for \(condition)\n\(complaints)\non the page:\n\(text)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The size of the window.
    func resize(_ width: Int, _ height: Int) throws {
        try tell(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": .number(Double(width)), "height": .number(Double(height)), "deviceScaleFactor": 1,
                "mobile": false,
            ]
        )
    }

    /// What the system prefers: `light` or `dark`.
    func prefer(theme: String) throws {
        try tell(
            "Emulation.setEmulatedMedia",
            [
                "features": [
                    ["name": "prefers-color-scheme", "value": .string(theme)],
                    // What fades is not at its colour yet.
                    ["name": "prefers-reduced-motion", "value": "reduce"],
                ]
            ]
        )
    }

    /// Presses a key: `Tab`, `Enter`, `ArrowDown`, `g`; modifiers are 1 Alt, 2 Ctrl, 8 Shift.
    func press(_ key: String, modifiers: Int = 0) throws {
        let codes = [
            "Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40,
            " ": 32,
        ]
        let text = key == "Enter" ? "\r" : key.count == 1 && modifiers & 2 == 0 ? key : ""
        var event: [String: JSONValue] = [
            "key": .string(key), "modifiers": .number(Double(modifiers)),
            "windowsVirtualKeyCode": .number(Double(codes[key] ?? Int(key.uppercased().utf8.first ?? 0))),
            "type": .string(text.isEmpty ? "rawKeyDown" : "keyDown"),
        ]
        if !text.isEmpty { event["text"] = .string(text) }
        try tell("Input.dispatchKeyEvent", .object(event))
        event["type"] = "keyUp"
        event["text"] = nil
        try tell("Input.dispatchKeyEvent", .object(event))
    }

    /// Types a text where the focus is.
    func type(_ text: String) throws {
        try tell("Input.insertText", ["text": .string(text)])
    }

    /// A picture of the window, kept as `.build/screenshots/<name>.png`.
    func keepScreenshot(_ name: String) throws {
        // Above the folder of the build, which is .build/<platform>/debug.
        let folder =
            RedstartProcess.executable.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/") + "/screenshots"
        try keepScreenshot(at: "\(folder)/\(name).png", ["format": "png"])
    }

    /// A picture of the window in a file, whose folder is made.
    func keepScreenshot(at path: String, _ format: JSONValue) throws {
        let answer = try tell("Page.captureScreenshot", format)
        guard let text = answer["data"]?.text, let picture = Data(base64Encoded: text) else {
            throw TestServerError("the browser gave no picture")
        }
        mkdir(path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/"), 0o755)
        guard let file = fopen(path, "we") else { throw TestServerError("cannot write \(path): \(errno)") }
        defer { fclose(file) }
        let written = picture.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
        guard written == picture.count else { throw TestServerError("cannot write \(path): \(errno)") }
    }
}
