import Glibc

/// The terminal of the process, taken over for a while: a screen of its own, and keys one by one.
final class TerminalScreen {
    /// A key that means something here.
    enum Key {
        case quit, up, down, pageUp, pageDown
    }

    private var settings = termios()

    /// Takes the terminal over; `nil` where input or output is none.
    init?() {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, tcgetattr(STDIN_FILENO, &settings) == 0 else {
            return nil
        }
        var raw = settings
        // No line to be waited for, no echo, and Ctrl-C as a key, so that the screen is always given back.
        raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) == 0 else { return nil }
        try? StandardOutput.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives the terminal back.
    func restore() {
        try? StandardOutput.write("\u{1B}[?25h\u{1B}[?1049l")
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
    }

    /// The size of the window, which changes when a person drags it.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (80, 24)
        }
        return (Int(size.ws_col), Int(size.ws_row))
    }

    /// Draws lines over what is there.
    func show(_ lines: [String]) throws(OutputError) {
        let text = lines.map { $0 + "\u{1B}[K" }.joined(separator: "\r\n")
        try StandardOutput.write("\u{1B}[H\(text)\u{1B}[J")
    }

    /// The keys that were pressed since the last call; does not wait.
    func keys() -> [Key] {
        var waiting = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&waiting, 1, 0) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(STDIN_FILENO, &bytes, bytes.count)
        // The terminal is gone.
        guard count > 0 else { return [.quit] }
        return Self.keys(of: bytes.prefix(count))
    }

    /// What a terminal sends for keys: letters, and sequences for arrows.
    static func keys(of bytes: some Sequence<UInt8>) -> [Key] {
        var text = String(decoding: Array(bytes), as: UTF8.self)[...]
        let sequences: [(String, Key)] = [
            ("\u{1B}[A", .up), ("\u{1B}[B", .down), ("\u{1B}[5~", .pageUp), ("\u{1B}[6~", .pageDown),
            ("\u{1B}OA", .up), ("\u{1B}OB", .down), ("q", .quit), ("Q", .quit), ("\u{3}", .quit), ("\u{4}", .quit),
            ("k", .up), ("j", .down), (" ", .pageDown),
        ]
        var keys: [Key] = []
        while !text.isEmpty {
            if let (sequence, key) = sequences.first(where: { text.hasPrefix($0.0) }) {
                keys.append(key)
                text = text.dropFirst(sequence.count)
            } else {
                text = text.dropFirst()
            }
        }
        return keys
    }
}
